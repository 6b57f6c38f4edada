# 机器人自己说的话。变量名与 en.ftl 一致；测试会检查。

# 打开聊天、还没按“开始”时看到的介绍；以及资料页和分享链接上的一句话（最多 120 字）。
description = 接入 Gemini 的助手：聊天、看图、听语音、读文档。回答边写边出，可随时停止。
description-short = 接入 Gemini 的助手：聊天、看图、听语音、读文档。

# 角色与模型
role-owner = 管理员
role-vip = VIP
role-premium = 高级
role-normal = 普通
role-guest = 访客

# 时长
span-s = { $s } 秒
span-min = { $min } 分钟
span-min-s = { $min } 分 { $s } 秒
span-h = { $h } 小时
span-h-min = { $h } 小时 { $min } 分
span-d = { $d } 天
span-d-h = { $d } 天 { $h } 小时
in-span = { $span }后
right-now = 马上

# /start
start =
    你好，{ $name }。直接发消息就能聊，也能发图片、语音、文件。
    你的级别：{ $role }，记忆 { $rounds } 轮，今日剩余 { $left } 次。
    /new 新对话 · /help 帮助
start-unlimited =
    你好，{ $name }。直接发消息就能聊，也能发图片、语音、文件。
    你的级别：{ $role }，记忆 { $rounds } 轮，次数不限。
    /new 新对话 · /help 帮助
start-guest =
    你好！访客每次提问独立，不带记忆。
    想要记忆，把你的 ID 发给管理员：{ $id }
not-allowed = 这个机器人暂未对你开放。把 ID { $id } 发给管理员即可开通。
a-friend = 朋友

# /help
help =
    直接发消息就能提问，回答会边写边出。

    /new 开始新对话
    /stop 停止正在写的回答
    /retry 重答上一个问题
    /model 选择模型
    /quota 剩余次数
    /vip VIP 席位，/vip leave 让出
    /status 运行状态
    /lang 切换语言
    /whoami 我的 ID 和级别
    /help 这份说明
help-owner =
    管理员：
    /users 用户列表，/users vip 只看 VIP
    /grant @用户名 vip 30d 授予级别；也可以用数字 ID，或者回复 TA 的消息
    /revoke @用户名 收回级别
    /ban @用户名 封禁，/unban 解除
    /kick @用户名 结束 TA 的 VIP 会话，后面可写原因
    /keys 密钥状态
help-group =
    在群里这样问我：发 /ask 加上问题、@我，或者回复我的消息。
    回复别人的消息时只发 /ask，就是问那条消息。每个人的对话各自独立。

    /new 开始新对话
    /stop 停止正在写的回答
    /retry 重答上一个问题
    /model 选择模型
    /quota 剩余次数
    /status 运行状态
    /lang 切换语言
    /whoami 我的 ID 和级别
unknown-command = 没有这个命令。发 /help 看看能做什么。
ask-usage = 用法：/ask 加上你的问题，例如 /ask 什么是光年？回复一条消息时只发 /ask，就是问那条消息。

# 等待、停止、新对话
still-working = 还在处理，排队第 { $position } 位，约 { $span }。
button-stop = ⏹ 停止
stopped = ⏹ 已停止。
stopped-early = ⏹ 已停止，还没写出内容。
stop-nothing = 现在没有正在写的回答。
stop-done = 正在停止…
new-done = 已开始新对话（清空 { $rounds } 轮）。
new-empty = 已开始新对话。
new-undone = 已撤销，恢复之前的 { $rounds } 轮，接着聊。
button-undo = ↩️ 撤销
button-retry = 🔄 重答
button-continue = ▶️ 继续
button-new = 🧹 新对话
answer-continued = 续上条
# 发给模型的话，不给人看。
continue-request = 你的回答在上面中断了。请从中断的地方接着写完：不要重复已经写过的内容，不要另写开头，语言和格式保持不变。
retry-nothing = 没有可以重答的问题，直接发消息就行。
not-yours = 这个按钮不是给你的。
button-gone = 这个按钮已经失效。
not-latest = 只有最新的回答可以重答或继续。

# 回答末尾
cut-length = （回答到了长度上限。）
cut-policy = （后面的内容被安全策略拦下了。）
cut-other = （模型写到这里就停了，回答不完整。）
cut-connection = （连接中断，回答不完整。）
# 可选的脚注
footer = { $model } · 今日剩余 { $left }
image-usage = 用法：/image 加上想画的内容，例如 /image 雪地里的小狐狸。发图片或回复一张图片，可以在它的基础上改。
help-image = /image 画一张图，例如 /image 雪地里的小狐狸
long-code = 代码较长，已附文件 { $file }。
long-answer = 回答较长，全文见附件 { $file }。

# /status
status =
    📊 运行 { $up } · 内存 { $memory } MB · 响应 { $overhead } · 轮询 { $polled }前
    🔑 总计 { $total }，可用 { $usable }，黑名单 { $blacklisted }
    👥 VIP { $taken }/{ $seats } · ⏳ 队列 { $queued } · ⚠️ 近 1 小时错误 { $errors }
status-key = 🔒 { $key }：{ $in }恢复

# /vip
vip-seated = 你在 VIP 席位上（{ $taken }/{ $seats }），{ $rounds } 轮记忆，闲置 { $idle }自动释放。/vip leave 让出席位。
vip-seated-until = 你在 VIP 席位上（{ $taken }/{ $seats }），{ $rounds } 轮记忆，{ $in }到期，闲置 { $idle }自动释放。/vip leave 让出席位。
vip-already = 你已经在 VIP 席位上了。
vip-free = 发一条消息就能进入 VIP（现在 { $taken }/{ $seats }）。
vip-cooling-off = 你的 VIP 会话已被管理员结束，{ $in }才能再次进入。现在按{ $role }用户为你服务。
vip-closed = 现在没有开放 VIP 席位，先按{ $role }用户为你服务。
vip-left-seat = 已让出 VIP 席位，现在按{ $role }用户继续。
vip-left-line = 已离开 VIP 排队。
vip-left-nothing = 你没有 VIP 席位，也没有在排队。
vip-line-too-long = 排队的人太多了，请稍后再试。
vip-over = 这次 VIP 会话已经结束。发 /vip 查看席位。
vip-endless = 你的 VIP 没有到期时间，不用续期。
vip-owner = 你是管理员，不需要席位。VIP 席位 { $taken }/{ $seats }。
vip-owner-seat = { $seat } 号：{ $who }，闲置 { $idle }
vip-owner-waiting = 排队 { $position }：{ $who }
vip-none = VIP 席位由管理员开通。把你的 ID 发给管理员：{ $id }
vip-usage = 用法：/vip 查看席位，/vip leave 让出席位或离开排队。
button-tell-me = 🔔 空出时叫我
button-enter-vip = 进入 VIP
button-rejoin-vip = 再次进入
button-leave-line = 离开排队
button-renew = 续期
cut-kicked = ⏹ VIP 会话已被管理员结束，回答到此为止。

# /lang
lang-set = 好的，以后我用中文说话。
lang-which = 选择语言：
# 这种语言的名字，用逗号或顿号分开；第一个是它对自己的称呼。
lang-names = 中文、汉语、汉文、Chinese

# 命令菜单
command-new = 开始新对话
command-stop = 停止正在写的回答
command-retry = 重答上一个问题
command-status = 运行状态
command-vip = VIP 席位
command-lang = 切换语言
command-help = 使用说明
command-start = 开始使用
command-image = 画一张图
command-ask = 在群里提问
command-whoami = 我的 ID 和级别
command-quota = 剩余次数
command-model = 选择模型
command-keys = 密钥状态
command-users = 用户列表
command-grant = 授予级别
command-revoke = 收回级别
command-ban = 封禁用户
command-kick = 结束 VIP 会话
command-unban = 解除封禁

# /whoami、/quota、/model
whoami =
    ID：{ $id }
    级别：{ $role }
    记忆：{ $rounds } 轮
whoami-until = 到期：{ $in }
whoami-seated = VIP 席位：已入座
whoami-no-seat = VIP 席位：未入座，现在按{ $role }用户服务
whoami-anonymous = 你在匿名发言，按访客服务：没有记忆，自己的级别不生效。
quota-day = 今日 { $used }/{ $limit }
quota-hour = 本小时 { $used }/{ $limit }
quota-unlimited = 次数不限
quota-memory = 记忆 { $rounds } 轮
quota-resets = { $in }重置
button-model-auto = 自动
model-now = 当前模型：{ $model }
model-now-auto = 当前模型：自动，按问题难度选
model-lost = 你选的 { $model } 不在现在的级别（{ $role }）里，已改回自动。
model-offer = /model { $slot } 用 { $model }
model-offer-complex = /model { $slot } 复杂问题用 { $model }，其余用 Flash
model-offer-auto = /model auto 自动
model-unknown = 没有这个模型。可以选：
model-denied = 你的级别（{ $role }）不能选 { $model }。可以选：
model-set = 好的，以后用 { $model } 回答。
model-set-auto = 好的，以后按问题难度自动选模型。

# 管理员命令
only-in-private = 这个命令请在私聊里用。
owners-command = 这是管理员的命令。
claimed = 🎉 你现在是这个机器人的管理员。
misread-who = 请写明是谁：@用户名、数字 ID，或者回复 TA 的消息。
misread-no-person = 这条消息不是某个用户发的（机器人、频道或匿名身份），请用 @用户名或数字 ID。
misread-role = 请写明级别：vip、premium（高级）、normal（普通）或 guest（访客）。
misread-span = 期限写成 12h、30d 或 2w，从 1 分钟到 10 年。
misread-more = 后面的内容没看懂。
grant-usage = 用法：/grant @用户名 vip 30d
revoke-usage = 用法：/revoke @用户名
ban-usage = 用法：/ban @用户名 原因
unban-usage = 用法：/unban @用户名
kick-usage = 用法：/kick @用户名 原因，或者 /kick seat:2
users-usage = 用法：/users、/users vip、/users banned、/users 2（第 2 页）
person-unknown = 这里没有人用过 @{ $name } 这个名字。请用数字 ID，或者回复 TA 的消息。
person-is-owner = 这是管理员，级别不能改，也不能封禁。
grant-makes-owner = 管理员不能这样授予，请在配置的 owner_ids 里添加数字 ID。
grant-done = ✅ 级别：{ $before } → { $after }
grant-until = 到期：{ $in }
still-banned = 仍在封禁中，/unban 可解除。
revoke-done = ✅ 已收回，现在是{ $role }用户。
revoke-shut-out = ✅ 已收回，机器人不再对 TA 开放。
revoke-nothing = 没有授予过级别，无需收回。
ban-done = 🚫 已封禁，机器人不再回应 TA。
ban-already = 🚫 之前已经封禁了。
unban-done = ✅ 已解除封禁。
kick-done = ✅ VIP 会话已结束，{ $in }才能再次进入。
kick-done-waiting = ✅ 已取消排队，{ $in }才能再次进入。
kick-nobody = TA 不在 VIP 席位上，也没有在排队。
unban-nothing = 没有被封禁。
users-head = 👥 { $count } 人：{ $roles }
users-none = 没有符合条件的用户。
users-page = 第 { $page }/{ $pages } 页，翻页：{ $next }
users-until = { $role }（{ $in }到期）
users-banned = 🚫 { $role }
users-seen = { $span }前
users-unseen = 还没来过
keys-head =
    🔑 总计 { $total }，可用 { $usable } · { $in }重置
    今日已用/预算：Flash-Lite · Flash · Pro
keys-group = { $group } 组
keys-reserve = 备用密钥
keys-more = 还有 { $count } 个没有列出，在服务器上用 svs status 查看。
key-until = { $condition }（{ $in }恢复）
key-ready = ✅
key-cooling = ⏳ 冷却
key-exhausted = 🪫 用完
key-blacklisted = ⛔ 黑名单
key-invalid = ❌ 被拒
key-disabled = ⏸ 停用

# 通知
notice-queued = 上一条还没答完，你的问题已排队（{ $position }/{ $capacity }）。/stop 可停止。
notice-too-many-queued = 已经有 { $capacity } 个问题在排队，这一条没有收下。等上面的答完再发。
notice-waiting = 现在有点挤，{ $span }后自动重试，不用重发。
notice-day-cap = 今天的 { $limit } 次已用完，{ $in }重置。
notice-hour-cap = 这一小时的 { $limit } 次已用完，{ $in }可以再问。
notice-pool-spent = 当前分组额度已用完，{ $in }恢复，请稍后再试。
notice-pool-busy = 现在太挤了，没能排上。请 { $in }再试。#{ $ref }
notice-outage = Gemini 暂时没有响应，恢复时间未知。稍后点“重答”。#{ $ref }
notice-blocked = 这个问题被安全策略拦下，换个说法试试。#{ $ref }
notice-failed = 服务暂时没接通，已试 { $attempts } 次。稍后点“重答”。#{ $ref }
notice-internal = 出了点问题，已记录 #{ $ref }，管理员可据此查到。
notice-empty = 模型没有给出内容，点“重答”再试，或换个说法。#{ $ref }
notice-too-long = 问题太长了，最多 { $limit } 个字。请缩短或分几次发。
notice-too-late = 刚才没有在线，一小时以前的消息不再回答。还需要的话，请重新发一次。
why-degraded = { $why ->
    [down] 暂时没有响应
    [busy] 正忙
    [paced] 这个时段的额度已用完
    [spent] 今日额度已用完
    [not_offered] 在 Google 那边暂不可用
   *[keys_out] 暂无可用密钥
}
notice-downgraded = { $lender ->
    [none] { $wished } { $why }，这次用 { $served } 回答。
    [reserve] { $wished } { $why }，这次由备用密钥用 { $served } 回答。
   *[other] { $wished } { $why }，这次由 { $lender } 组用 { $served } 回答。
}
notice-borrowed = { $lender ->
    [reserve] { $home } 组{ $why }，这次由备用密钥回答。
   *[other] { $home } 组{ $why }，这次由 { $lender } 组回答。
}
notice-restarted = 刚刚重启了，已从头重答上面的问题。
notice-silenced = Telegram 限制了发送频率，我刚才停了 { $span }，让你久等了。
notice-unsupported = 这个读不了。可以发文字、图片、语音、音频、视频和文档（PDF、文本、代码）。
notice-file-too-big = { $limit ->
    [20] 文件超过 20 MB，Telegram 不让机器人下载。
   *[other] 文本超过 { $limit } MB，太长了。请截取需要的部分再发。
}
notice-files-too-big = 这些文件加起来超过 { $limit } MB，请分几次发。
notice-file-unsupported = 暂不支持 { $ext }。
notice-file-empty = 这个文件是空的，没有内容可读。
notice-file-lost = 没能从 Telegram 取到文件。请点“重答”，或把文件重新发一次。
notice-pictures-off = 这里还没有开通画图。
notice-pictures-denied = 画图需要高级或以上级别，你现在是{ $role }用户。
notice-pictures-unpaid = 画图需要付费的密钥，现在的密钥都没有开通，请告诉管理员。
notice-role-changed = 你的级别已改为{ $role }。
notice-role-changed-until = 你的级别已改为{ $role }，有效期 { $span }。
notice-vip-full = VIP 席位已满（{ $seats }/{ $seats }）。现在先按{ $role }用户为你服务。
notice-vip-full-until = VIP 席位已满（{ $seats }/{ $seats }），最早 { $in }空出。现在先按{ $role }用户为你服务。
notice-vip-entered = 已进入 VIP（{ $taken }/{ $seats }），{ $rounds } 轮记忆，闲置 { $idle }自动释放。
notice-vip-entered-until = 已进入 VIP（{ $taken }/{ $seats }），{ $rounds } 轮记忆，{ $in }到期，闲置 { $idle }自动释放。
notice-vip-kicked = 你的 VIP 会话已被管理员结束。对话没丢，现在按{ $role }用户继续。
notice-vip-kicked-reason = 你的 VIP 会话已被管理员结束（原因：{ $reason }）。对话没丢，现在按{ $role }用户继续。
notice-vip-unqueued = 管理员取消了你的 VIP 排队。
notice-vip-unqueued-reason = 管理员取消了你的 VIP 排队（原因：{ $reason }）。
notice-vip-ending = VIP 还有 { $span }。
notice-vip-renewed = VIP 已续期，{ $in }到期。
notice-vip-expired = VIP 已到期，现在按{ $role }用户继续。
notice-vip-seat-held = 轮到你了：为你保留 { $hold }。
notice-vip-in-line = 你在 VIP 排队第 { $position } 位，轮到你时会叫你。
notice-vip-in-line-until = 你在 VIP 排队第 { $position } 位，最早 { $in }轮到你，到时会叫你。
notice-vip-hold-lapsed = 保留时间已过，席位让给了下一位。
notice-vip-seat-free = VIP 席位空出来了，先到先得。
notice-key-rejected = 🔑 密钥 { $key } 被 Google 拒绝（{ $reason }），已停用。更换后自动恢复，或用 svs keys enable { $key }。
