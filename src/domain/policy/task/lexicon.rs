//! The words that carry meaning for the classifier, grouped by meaning and not by benchmark: verbs by what is to
//! be done, nouns by what is to be made, markers by what they demand. Words are lemmas; `_` joins a phrase.
//! Chinese is matched without word borders, longest match first.

/// What a word says about the request around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Concept {
    Translate,
    Summarize,
    Extract,
    Rewrite,
    Create,
    Explain,
    Prove,
    Compute,
    HowMany,
    Compare,
    Analyze,
    Decide,
    Debug,
    Design,
    Optimize,
    Plan,
    Act,
    Listing,
    Prose,
    Code,
    HardCode,
    Mathematics,
    EasyMath,
    Science,
    Logic,
    Constraint,
    Form,
    Rigor,
    Depth,
    Greeting,
    Feeling,
    Continue,
    Deepen,
    Modify,
    Pointer,
    Question,
    Number,
    HowTo,
    Find,
    Who,
}

/// Number of concepts.
pub(super) const CONCEPTS: usize = Concept::Who as usize + 1;

/// Meaning, words with borders (English and the commonest verbs of other languages), words without (Chinese, Japanese,
/// Korean).
pub(super) const LEXICON: &[(Concept, &str, &str)] = &[
    (
        Concept::Translate,
        "translate translation how_do_you_say how_to_say traduce traducir traduis traduire übersetze übersetzen \
         переведи перевести traduza tradurre",
        "翻译 译成 译为 译文 英译 中译 汉译 直译 意译 怎么翻译 语怎么说 文怎么说 话怎么说 翻成 翻訳 번역",
    ),
    (
        Concept::Summarize,
        "summarize summarise summary tldr tl_dr condense gist synopsis main_points key_points main_idea key_takeaways \
         boil_down resume_el_texto résume zusammenfassen fasse резюмируй recap abstract_of",
        "总结 概括 摘要 归纳 提炼 缩写 主旨 中心思想 主要内容 概述 段落大意 要約 요약 一句话说明 提取要点 小结 精简 会议纪要",
    ),
    (
        Concept::Extract,
        "extract determine_if determine_whether answer_with identify classify categorize categorise label annotate parse pick_out list_all tag_each \
         sentiment named_entity entities keywords key_phrases detect highlight count_the_number_of_words \
         according_to_the_passage based_on_the_passage based_on_the_text given_the_following_text from_the_text \
         from_the_following given_the_passage into_a_table as_a_table count_how_many count_the turn_this_into sort_these same_category in_the_text_below in_the_text appear_in sort_the_following positive_or_negative fill_in",
        "提取 抽取 做成 排序 顺序 找出 识别出 分类 归类 标注 整理成 情感 实体 关键词 关键字 判断下列 判断以下 判断下面 请判断 转换为表格 转成表格 做成表格 根据上文 根据文章 根据短文 根据材料 \
         根据以上 阅读下面 阅读以下 积极还是消极 正面还是负面 情感倾向 转换成json 解析出 填空 补全 近义词 反义词",
    ),
    (
        Concept::Rewrite,
        "rewrite modify alter rework rephrase paraphrase proofread polish reword shorten revise edit_the edit_this edit_my correct_the \
         correct_this correct_my correct_any fix_the_grammar fix_grammar grammar grammatical grammatically improve_the \
         improve_this improve_my make_this_sound make_it_sound more_formal more_concise passive_voice active_voice \
         reformulate reescribe réécris spelling expand_the_following simplify_the_text simplify_this refine_the \
         convert_the convert_this transform_the change_the_sentence restructure reorganize",
        "改写 润色 校对 纠正 病句 扩写 缩短 改成 改为 仿写 续写 修改 重写 语法错误 错别字 换一种说法 同义句 更正式 更通顺 优化一下 美化 改编 转述 修正 换种说法 重新组织 \
         转换为 添削",
    ),
    (
        Concept::Create,
        "write compose draft create generate produce craft make_a make_an make_me make_up come_up_with \
         give_me_a give_me_an provide_a provide_an escribe écris rédige schreibe schreib напиши scrivi escreva invent \
         construct prepare_a finish_the_story complete_the_story write_me",
        "写 撰写 编写 生成 创作 起草 对对子 对下联 拟一 作一首 作诗 编一个 编一段 编个 造句 出一份 出一道 出几道 制作 制定 给我一份 给我一个 列一份 列一个 做一份 做一个 书いて 作って 써줘 作成 \
         回复一封 拟定 构思 来一首 来一篇 来一段 设计一段 虚构",
    ),
    (
        Concept::Explain,
        "explain describe elaborate illustrate clarify tell_me_about teach_me introduce outline \
         walk_me_through explique explica erkläre объясни eli5 define help_me_understand",
        "解释 讲解 介绍 阐述 描述 说明 谈谈 科普 讲讲 讲一下 说说 原理 如何理解 怎样理解 简述 説明 설명 教我",
    ),
    (
        Concept::Prove,
        "prove proof show_that derive derivation deduce disprove counterexample lemma corollary demonstrate_that \
         verify_that q.e.d beweise démontre demuestra докажи if_and_only_if",
        "证明 求证 推导 试证 反证 证法 导出公式 推出公式 充要条件 证出 引理",
    ),
    (
        Concept::Compute,
        "calculate compute convert solve evaluate find_the determine factor simplify find_all_values what_is_the_value \
         work_out differentiate integrate calcule calcula berechne löse résous вычисли реши estimate find_x solve_for \
         expressed_as",
        "计算 求解 求出 求 解方程 算出 算一下 解下列 解不等式 化简 求值 等于多少 的值 値を求め 因式分解 约等于 估算 解得 则",
    ),
    (
        Concept::HowMany,
        "how_many how_much how_long how_far how_old how_fast what_percentage what_fraction what_is_the_total \
         what_is_the_probability what_was_the_total cuántos combien wieviele wieviel сколько how_tall how_often \
         what_is_the_average in_total",
        "多少 几个 几人 几天 几小时 几只 几种 几次 几元 几岁 几米 几千米 几分 几倍 几年 百分之几 几分之几 一共 多长时间 多少种 几条 几棵 几本 第几 几周 几圈 几升 几颗 几步 几名 几位 几秒",
    ),
    (
        Concept::Compare,
        "compare contrast difference versus vs pros_and_cons advantage disadvantage benefit drawback similarity \
         similarities differ trade-off tradeoff trade-offs tradeoffs better_than",
        "比较 对比 区别 异同 优缺点 利弊 优劣 不同点 相同点 差异 优势 劣势 哪个更好 权衡 取舍 利与弊",
    ),
    (
        Concept::Analyze,
        "analyze analyse analysis assess critique discuss examine argue argument implication implications interpret \
         investigate critically debate evaluate_the impact_of root_cause hypothesis perspective in_what_ways to_what_extent \
         influence_of significance_of",
        "分析 辩论 评价 评估 论述 探讨 讨论 剖析 论证 评析 鉴赏 赏析 影响 解读 辨析 审视 反思 看待 成因 意义",
    ),
    (
        Concept::Decide,
        "recommend suggest suggestion advice should_i which_is_better best_way tips",
        "推荐 建议 该选 选哪 应该 哪个好 怎么选 怎么办",
    ),
    (
        Concept::Debug,
        "debug bug traceback exception crash segfault stack_trace doesn't_work does_not_work not_working isn't_working \
         wrong_output fails failing error_message fix_this fix_the fix_my panics hangs deadlocks throws_an \
         throws_a undefined_reference getting_an_error gives_an_error unexpected_result code_review refactor \
         what's_wrong_with what_is_wrong_with troubleshoot memory_leak race_condition",
        "调试 报错 修复 崩溃 排查 异常 找bug 有什么问题 哪里错 哪里有问题 为什么不行 不工作 bug 重构 运行不了 跑不通 代码审查 内存泄漏 卡死",
    ),
    (
        Concept::Design,
        "design implement build develop architect architecture set_up create_a_system simulate model_the formulate \
         devise proposal",
        "设计 实现 架构 搭建 开发 构建 建模 部署 模拟",
    ),
    (
        Concept::Optimize,
        "optimize optimise maximize maximise minimize minimise optimal optimum most_efficient shortest_path minimum \
         maximum smallest largest_possible greatest_possible least_number fewest",
        "优化 最大化 最小化 最优 最少 最短路 最大值 最小值 最值 最省 最快 性能瓶颈",
    ),
    (
        Concept::Plan,
        "plan schedule itinerary roadmap timetable workout strategy curriculum syllabus lesson_plan budget_plan \
         meal_plan study_plan checklist agenda",
        "计划 规划 行程 方案 日程 攻略 安排 时间表 教案 路线图 食谱 策划 流程 大纲 课程表 步骤",
    ),
    (
        Concept::Act,
        "act_as embody persona act_like pretend roleplay role-play role_play you_are_a you_are_an you_are_now imagine_you \
         imagine_yourself assume_the_role take_on_the_role embrace_the_role play_the_role in_the_voice_of \
         as_if_you_were as_though_you picture_yourself in_character suppose_you_are i_want_you_to_act \
         your_name_is simulate_a_conversation in_the_style_of speak_like talk_like let's_play",
        "扮演 假设你是 假如你是 你现在是 你是一位 你是一个 你是一名 你是个 假装 你现在是 请以 作为一名 作为一位 作为一个 想象你是 模仿 的身份 的口吻 的语气 你将充当 我想让你充当 充当 角色 台词 \
         如果你是",
    ),
    (
        Concept::Listing,
        "list provide suggest give_me show_me name_some give_me_some give_examples examples_of ideas brainstorm suggest_some name_three name_five \
         give_three give_five provide_some a_list_of top_10 top_5 ten five_ways",
        "列出 列举 起十个 起几个 起个 举例 点子 主意 起名 取名 几个例子 头脑风暴 创意 给出三 给出五 给出几 几个建议 五条 十条 三条 几条",
    ),
    (
        Concept::Prose,
        "essay email e-mail story poem article letter blog speech song lyrics report script novel review \
         an_ad ads advertisement slogan resume headline caption tweet haiku limerick outline sonnet paragraph dialogue \
         monologue press_release biography bio screenplay rap riddle joke post product_description pitch riddles \
         newsletter brochure chapter rubric quiz template itinerary memo announcement invitation \
         scene short_story description rhyme proposal thesis statement acrostic fable tale ode",
        "作文 文章 邮件 故事 首诗 诗歌 诗 一封信 封信 演讲稿 演讲 发言稿 报告 剧本 小说 文案 广告 标题 简历 小红书 朋友圈 通知 检讨书 祝福语 对联 散文 评语 日记 歌词 新闻稿 论文 \
         童话 寓言 读后感 观后感 请假条 感谢信 道歉信 求职信 推荐信 自我介绍 短文 段子 口号 宣传语 议论文 记叙文 软文 博客 周报 合同 申请书 倡议书 脚本 台词 绝句 律诗 七律 五言 春联 \
         影评 书评 说明书 公告 辞职信 情书 悼词 主持稿",
    ),
    (
        Concept::Code,
        "function class code script program regex regexp sql query api python java javascript typescript html css \
         rust golang c++ cpp c# php ruby swift kotlin bash shell powershell react vue node.js nodejs django flask \
         pandas numpy docker kubernetes dockerfile git github json yaml xml excel vba unittest unit_test \
         endpoint database table_schema array string linked_list compile compiler runtime variable method matlab \
         tensorflow pytorch selenium spring_boot mongodb mysql postgresql sqlite redis nginx linux terraform aws \
         makefile cmake dataframe jquery angular lua perl scala haskell assembly arduino unity latex_code leetcode \
         webpage schema browser_console web_app seaborn keras matplotlib plotly stream odoo gdscript datalog website cli opencv npm powerquery google_sheets column ansible minecraft_mod",
        "函数 代码 程序 脚本 正则 接口 编程 数据库 表结构 查询语句 爬虫 链表 数组 字符串 网页 前端 后端 编译 源码 语句 算法 变量 递归 软件 小程序 冒泡 快排 快速排序 二分查找 二叉树",
    ),
    (
        Concept::HardCode,
        "dynamic_programming time_complexity space_complexity concurrency concurrent thread-safe threadsafe \
         thread_safe distributed lock-free deadlock race_condition race_conditions microservice microservices \
         scalable scalability high_availability fault-tolerant fault_tolerance consistency sharding replication \
         consensus raft paxos compiler_design garbage_collector kernel_module cuda simd memory_leak latency \
         throughput millions_of_users billion eventual_consistency load_balancing load_balancer red-black b-tree \
         suffix_array segment_tree max_flow backpropagation transformer_model from_scratch exactly-once idempotent \
         multithreaded multithreading asynchronous system_design interpreter virtual_machine backpressure crdt \
         np-hard np-complete heuristic linear_programming without_using_any_library profiling cache-friendly \
         mutex semaphore per_second real-time_system formal_verification event_sourcing o(n) o(1) o(log logn o(n^2",
        "动态规划 时间复杂度 空间复杂度 并发 高并发 分布式 线程安全 死锁 高可用 编译器 微服务 内存泄漏 红黑树 线段树 一致性 分库分表 负载均衡 消息队列 容错 竞态 多线程 秒杀 无锁 \
         系统设计 架构设计 百万 千万 亿级 解释器 虚拟机 垃圾回收 最大流 从零实现 限流 幂等 状态压缩 吞吐 低延迟 内核 源码分析 反向传播",
    ),
    (
        Concept::Mathematics,
        "in_how_many_ways how_many_ways for_all_real find_all common_fraction simplest piecewise asymptote multiple \
         prism ordered_pair ordered_triple three-digit two-digit round_table arrangement bmod divides consecutive \
         relatively relatively_prime collinear concave volume representation rotation \
         integral derivative matrix matrices eigenvalue eigenvector polynomial theorem prime primes divisor divisible \
         modulo remainder probability combinatorics inequality sequence converge convergent diverge logarithm \
         sine cosine tangent root roots irrational rational_number real_number real_numbers integer integers \
         positive_integer positive_integers vector complex_number lattice permutation permutations bijection \
         injective surjective isomorphism homomorphism group_theory abelian topology topological compact manifold \
         hilbert banach fourier laplace differential_equation equation quadratic cubic parabola ellipse hyperbola \
         circumcircle incircle perpendicular bisector inscribed circumscribed hypotenuse acute tetrahedron polygon \
         hexagon pentagon triangle sphere cone expected_value variance random_variable distribution gcd lcm \
         arithmetic_sequence geometric_series binomial coefficient factorial modulus congruent continuous_function \
         differentiable uniformly taylor_series asymptote intercept slope domain_of range_of degree_of linear_algebra \
         determinant eigenspace finite_field ring ideal subset subsets coordinate coordinates radius parallelogram \
         trapezoid tan sin cos arctan floor \
         base-10 bayes markov nash_equilibrium convex riemann zeta",
        "积分 导数 矩阵 特征值 特征向量 多项式 定理 质数 素数 余数 整除 概率 期望 数列 极限 收敛 不等式 三角形 椭圆 双曲线 抛物线 向量 复数 对数 方程组 方程 正整数 实数 整数 无理数 有理数 群 \
         拓扑 微分 微积分 行列式 线性变换 线性无关 级数 偏导 随机变量 方差 正态分布 等差 等比 通项公式 排列组合 组合数 圆心 半径 直线 切线 垂直 平行四边形 二次函数 单调 奇函数 偶函数 周期 \
         集合 子集 充分 必要 内切 外接 正方体 四面体 棱锥 弧度 三角函数 公倍数 公约数 连续函数 可导 傅里叶 拉普拉斯 命题 单射 同构 斜率 坐标 定义域 值域 前n项和 焦点 离心率 二项式",
    ),
    (
        Concept::EasyMath,
        "percent percentage price cost total average sum twice half apples dollars discount per_hour miles minutes \
         each_day left_over profit sold bought pays paid earn earns speed remaining altogether ratio area perimeter \
         cents spend spent",
        "元 千米 公里 平均 一半 一倍 打折 折 利润 比例 面积 周长 速度 每小时 每天 总共 剩下 还剩 买了 卖出 苹果 相遇 鸡兔同笼 厘米 公斤 千克 甲乙 工程队 修路",
    ),
    (
        Concept::Science,
        "velocity acceleration momentum kinetic_energy potential_energy voltage resistor capacitor circuit mole moles \
         molar reaction equilibrium enthalpy entropy wavelength photon quantum_state electron pressure gas_constant \
         ph_of half-life genotype allele thermodynamic thermodynamics hamiltonian lagrangian wave_function \
         schrodinger torque friction newton joules electric_field magnetic_field titration elasticity_of marginal \
         relativity present_value discount_rate",
        "加速度 动量 动能 势能 电压 电阻 电容 电路 摩尔 化学反应 方程式 平衡常数 波长 光子 电子 压强 质量为 摩擦 电场 磁场 溶液 浓度 滴定 基因型 遗传 氧化 离子 热力学 力学 光滑 弹簧 匀速 \
         物块 小球 边际 贴现",
    ),
    (
        Concept::Logic,
        "knight knights knave knaves truth-teller tells_the_truth tell_the_truth lies liar liars lying always_lies \
         next_to to_the_left to_the_right immediately exactly_one_of clue clues logically conclude conclusion premise \
         premises syllogism deductively valid_argument invalid statements puzzle riddle deduce must_be_true \
         could_be_true cannot_be_true who_is who_owns which_of_the_following_is_true sits seated older_than \
         taller_than swap swaps trade_balls finished_above second_from fallacy paradox cross_the_river weighing \
         river boat_can_carry logic logical true false follows_from necessarily three_doors coin_flips reasoning",
        "说真话 说谎 假话 真话 骗子 推理 谁是 谁说 逻辑 三段论 前提 以下哪项 如果为真 左边 右边 相邻 只有一个 其中只有 一人说 凶手 小偷 一真一假 推断 推出 悖论 过河 称重 天平 排名 名次 最能削弱 \
         最能支持 能够推出 必然为真 不可能 身份 猜 帽子 诚实 线索 矛盾 住在 至少有一个 是否成立 是否正确 有些 罪犯 嫌疑 作案 谎话 大前提 小前提 开关",
    ),
    (
        Concept::Constraint,
        "must at_least at_most exactly no_more_than only each every cannot can't may_not except unless must_not \
         not_allowed no_two subject_to requirement requirements constraint constraints given_that such_that \
         satisfies satisfying neither either without following_conditions",
        "必须 至少 至多 不能 不得 恰好 每个 只能 要求 不超过 任意 不可以 满足 条件 除了 每人 每次 且 仅 不准 禁止 均 各不相同 互不相同 约束",
    ),
    (
        Concept::Form,
        "words word_count sentence sentences paragraphs bullet_point bullet_points bullets uppercase lowercase \
         capital_letters all_caps comma commas format title placeholder placeholders markdown wrapped_in \
         entire_response your_response your_answer double_quotation letters section sections postscript \
         square_brackets do_not_include",
        "字以内 字左右 个字 字数 不少于 分段 段落 格式 标点 表格 押韵 千字 百字 句话 markdown 以内 开头 结尾 字的",
    ),
    (
        Concept::Rigor,
        "step_by_step step-by-step step-wise rigorous deduce rigorously carefully think_through reason_about root_cause \
         root_causes show_your_work show_all_work justify trade-off trade-offs tradeoff tradeoffs edge_cases \
         why_does_this why_is_this second-order counterfactual feasibility critically correctness worst-case \
         worst_case complexity formally first_principles prove_your lower_bound upper_bound asymptotic detailed_proof \
         reason_through reasoning_behind",
        "一步一步 一步步 逐步 推理 推断 详细推导 严格 深入分析 权衡 根本原因 深层 严谨 论证 推导过程 详细过程 思维链 推理过程 边界情况 复杂度 充分论证 辩证 多角度 从多个角度 多方面 可行性",
    ),
    (
        Concept::Depth,
        "detailed detail comprehensive thorough thoroughly in-depth in_depth long-term extensive complete full \
         systematically end-to-end deep considering take_into_account taking_into_account",
        "详细 全面 深入 完整 系统地 具体 深刻 尽可能 综合考虑 结合 同时考虑",
    ),
    (
        Concept::Greeting,
        "hi hello hey thanks thank_you thx good_morning good_night good_evening good_afternoon bye goodbye lol haha \
         ok okay cool nice great yo sup wow welcome sorry please_help hola bonjour hallo ciao привет спасибо gracias \
         merci danke yes no yeah yep nope sure awesome obrigado ola salut test testing ping",
        "你好 您好 早上好 早安 晚上好 下午好 晚安 谢谢 多谢 感谢你 再见 拜拜 哈哈 在吗 嗯 好的 好吧 行 嗨 哈喽 辛苦了 收到 明白了 知道了 对的 是的 厉害 哇 呵呵 こんにちは ありがとう 안녕 \
         감사 666 真棒 棒 早 测试 在不在 牛",
    ),
    (
        Concept::Feeling,
        "i_feel i_am_feeling i'm_feeling sad lonely bored tired happy excited miss_you love_you i_love i_hate \
         my_day my_boyfriend my_girlfriend i'm_so favorite favourite depressed anxious stressed do_you_like \
         how_are_you what_do_you_think do_you_think your_name who_are_you what's_up how's_it_going are_you_an \
         are_you_a can_you_feel do_you_have_feelings are_you_real tell_me_a_joke joke cheer_me_up what_can_you_do \
         who_made_you who_created_you are_you_human are_you_there nice_to_meet good_luck",
        "我觉得 心情 难过 开心 无聊 你喜欢 你觉得 想你 好累 累了 爱你 喜欢你 你是谁 你叫什么 你几岁 讲个笑话 说个笑话 讲一个笑话 陪我聊 聊聊天 聊天 孤独 烦 郁闷 失恋 你会什么 你能做什么 \
         吃了吗 生气 伤心 睡不着 压力好大 你怎么看 你认为 失眠 哭 你是机器人 你是人 真的吗 最近怎么样 过得怎么样",
    ),
    (
        Concept::Continue,
        "continue go_on keep_going carry_on proceed next and_then more_please what_next finish_it keep_writing \
         continúa weiter продолжай continua",
        "继续 接着 接着说 接着写 然后呢 还有吗 往下 下一步 后来呢 没写完 没说完 请继续 続けて 계속 下一个 展开",
    ),
    (
        Concept::Deepen,
        "why why_not how_so are_you_sure that's_wrong that_is_wrong wrong incorrect mistake check_again double-check \
         what_do_you_mean prove_it really explain_that explain_more elaborate more_detail what_if what_about \
         how_about warum pourquoi por_qué почему check_your",
        "为什么 为啥 凭什么 不对 算错 错了 再想想 再检查 什么意思 没看懂 看不懂 没懂 不明白 详细说说 详细点 详细一点 具体点 具体一点 你确定 确定吗 真的吗 那如果 如果是 那么 那 怎么得出 解释一下 なぜ 왜",
    ),
    (
        Concept::Modify,
        "shorter longer again another simpler one_more in_english in_chinese in_spanish in_french instead make_it \
         different rephrase try_again redo retry more_examples translate_it change_it add_more rewrite_it \
         formal_tone previous_response previous_answer regenerate use_python funnier",
        "短一点 长一点 再来一个 再来 换一个 换个 再写 再短 再长 重新 简单点 简单一点 通俗 换成 用英文 用英语 用中文 举个例子 另一个 更短 更长 改短 重来 再给我 正式一点 有趣一点 幽默一点 加上 去掉 删掉 简短",
    ),
    (
        Concept::Pointer,
        "it that this above previous your_answer your_last those these them they former latter same such",
        "它 这个 那个 上面 刚才 上一个 你说的 这里 这段 这句 前面 他们 这首 这篇 第一个 第二个 第三个 最后一个 上述 其",
    ),
    (
        Concept::Question,
        "what who when where which whose whom how is are does did was were can could will would should do has have \
         qué quién cuándo dónde was_ist wer wo wann quel qui où что кто где когда как",
        "什么 谁 哪 吗 呢 多少 几 怎么 如何 是否 怎样 咋 啥 何时 何地 多大 多高 多远 多久",
    ),
    (
        Concept::Number,
        "two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred thousand dozen twice \
         half third quarter triple double",
        "两个 三个 四个 五个 六个 一个 两人 三人 四人 五人 两只 三只 一半 三位 四位 五位 甲 乙 丙 丁 三名 四名 五名",
    ),
    (
        Concept::HowTo,
        "how_to how_can how_do how_should how_would how_could what_is_the_best_way is_there_a_way can_you_help_me",
        "怎么 如何 怎样 咋",
    ),
    (Concept::Find, "find what_is enter determine express what_are", "求 是多少 为多少 等于"),
    (Concept::Who, "who who's whose where", "谁 哪个 哪位 哪里 哪年 哪一年 哪国"),
];
