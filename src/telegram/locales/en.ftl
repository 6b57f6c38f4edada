# What the bot says of itself. The variables are those of zh.ftl; a test compares them.

# Shown before anybody has pressed Start; and in the profile and in links to it (at most 120 characters).
description = A Gemini assistant: chat, images, voice, documents. Answers appear as they are written; stop any time.
description-short = A Gemini assistant: chat, images, voice, documents.

# Roles and models
role-owner = owner
role-vip = VIP
role-premium = premium
role-normal = normal
role-guest = guest

# Spans of time
span-s = { $s } s
span-min = { $min } min
span-min-s = { $min } min { $s } s
span-h = { $h } h
span-h-min = { $h } h { $min } min
span-d = { $d } d
span-d-h = { $d } d { $h } h
in-span = in { $span }
right-now = right now

# /start
start =
    Hi { $name }. Just send a message, photo, voice note or file.
    You are { $role }: { $rounds } rounds of memory, { $left } left today.
    /new starts over · /help
start-unlimited =
    Hi { $name }. Just send a message, photo, voice note or file.
    You are { $role }: { $rounds } rounds of memory, no daily limit.
    /new starts over · /help
start-guest =
    Hi! As a guest each question stands alone.
    For memory send the owner your ID: { $id }
not-allowed = This bot isn't open to you yet. Send the owner your ID: { $id }
a-friend = there

# /help
help =
    Just send a message; the answer appears as it is written.

    /new new conversation
    /stop stop the answer
    /retry ask the last question again
    /model choose the model
    /quota requests left
    /vip VIP seats; /vip leave gives yours up
    /status status of the bot
    /lang change language
    /whoami your ID and level
    /help this page
help-owner =
    For the owner:
    /users list users; /users vip for VIPs only
    /grant @name vip 30d give a level; a numeric ID or a reply to their message does as well
    /revoke @name take the level back
    /ban @name shut somebody out; /unban lets them in again
    /kick @name end a VIP session; the reason may follow
    /keys status of the keys
help-group =
    In a group: send /ask with your question, mention me, or reply to one of my messages.
    A bare /ask in reply to somebody's message asks about that. Everybody has their own conversation.

    /new new conversation
    /stop stop the answer
    /retry ask the last question again
    /model choose the model
    /quota requests left
    /status status of the bot
    /lang change language
    /whoami your ID and level
unknown-command = There is no such command. /help shows what there is.
ask-usage = Usage: /ask and your question, for example /ask What is a light-year? A bare /ask in reply to a message asks about that.

# Waiting, stopping, starting over
still-working = Still working, { $position } in line, about { $span }.
button-stop = ⏹ Stop
stopped = ⏹ Stopped.
stopped-early = ⏹ Stopped before anything was written.
stop-nothing = No answer is being written right now.
stop-done = Stopping…
new-done = { $rounds ->
    [one] New conversation ({ $rounds } round cleared).
   *[other] New conversation ({ $rounds } rounds cleared).
}
new-empty = New conversation.
new-undone = { $rounds ->
    [one] Undone: the conversation goes on with its { $rounds } earlier round.
   *[other] Undone: the conversation goes on with its { $rounds } earlier rounds.
}
button-undo = ↩️ Undo
button-retry = 🔄 Retry
button-continue = ▶️ Continue
button-new = 🧹 New
answer-continued = continued
# Said to the model, not to a person.
continue-request = Your answer above was cut off. Go on exactly where it stops and finish it: repeat nothing, write no new beginning, keep its language and its formatting.
retry-nothing = There is no question to ask again. Just send one.
not-yours = This button isn't for you.
button-gone = This button no longer works.
not-latest = Only the latest answer can be asked again or continued.

# At the end of an answer
cut-length = (The answer reached its length limit.)
cut-policy = (The rest was blocked by the safety policy.)
cut-other = (The model stopped here; the answer is incomplete.)
cut-connection = (The connection broke; the answer is incomplete.)
# The optional footer.
footer = { $model } · { $left } left today
image-usage = Usage: /image and what to draw, for example /image a fox in the snow. Send a photo or reply to one to have it changed.
help-image = /image draw a picture, for example /image a fox in the snow
long-code = Long code attached as { $file }.
long-answer = The whole answer is attached as { $file }.

# /status
status =
    📊 up { $up } · { $memory } MB · { $overhead } overhead · polled { $polled } ago
    🔑 total { $total }, usable { $usable }, { $blacklisted } blacklisted
    👥 VIP { $taken }/{ $seats } · ⏳ queue { $queued } · ⚠️ { $errors } errors in 1 h
status-key = 🔒 { $key }: back { $in }

# /vip
vip-seated = You're in VIP ({ $taken }/{ $seats }): { $rounds } rounds; released after { $idle } without a message. /vip leave gives the seat up.
vip-seated-until = You're in VIP ({ $taken }/{ $seats }): { $rounds } rounds; ends { $in }, or after { $idle } without a message. /vip leave gives the seat up.
vip-already = You already have a VIP seat.
vip-free = Your next message takes a VIP seat ({ $taken }/{ $seats } taken).
vip-cooling-off = The owner ended your VIP session; you can enter again { $in }. Serving you as { $role } meanwhile.
vip-closed = There are no VIP seats at the moment. Serving you as { $role }.
vip-left-seat = You gave up your VIP seat and continue as { $role }.
vip-left-line = You no longer wait for a VIP seat.
vip-left-nothing = You have no VIP seat and wait for none.
vip-line-too-long = Too many people are in line. Please try again later.
vip-over = That VIP session has ended. /vip shows the seats.
vip-endless = Your VIP session has no end, so there is nothing to renew.
vip-owner = You are the owner and need no seat. VIP seats: { $taken }/{ $seats }.
vip-owner-seat = Seat { $seat }: { $who }, idle { $idle }
vip-owner-waiting = In line { $position }: { $who }
vip-usage = Usage: /vip shows the seats, /vip leave gives up a seat or a place in the line.
button-tell-me = 🔔 Tell me
button-enter-vip = Enter VIP
button-rejoin-vip = Rejoin
button-leave-line = Leave the line
button-renew = Renew
cut-kicked = ⏹ The owner ended your VIP session; the answer stops here.
vip-none = VIP is granted by the owner. Send them your ID: { $id }

# /lang
lang-set = All right, I will speak English.
lang-which = Choose a language:
# The names of this language, with commas between them; what it calls itself comes first.
lang-names = English, 英文, 英语

# The command menu
command-new = New conversation
command-stop = Stop the answer
command-retry = Ask the last question again
command-status = Status of the bot
command-vip = VIP seats
command-lang = Change language
command-help = How to use it
command-start = Start
command-image = Draw a picture
command-ask = Ask a question
command-whoami = Your ID and level
command-quota = Requests left
command-model = Choose the model
command-keys = Status of the keys
command-users = List users
command-grant = Grant a level
command-revoke = Take a level back
command-ban = Ban somebody
command-kick = End a VIP session
command-unban = Lift a ban

# /whoami, /quota, /model
whoami =
    ID: { $id }
    Level: { $role }
    Memory: { $rounds ->
        [one] { $rounds } round
       *[other] { $rounds } rounds
    }
whoami-until = Ends { $in }
whoami-seated = VIP seat: taken
whoami-no-seat = VIP seat: none right now; served as { $role }
whoami-anonymous = You write anonymously and are served as a guest: no memory, and your own level does not count.
quota-day = Today { $used }/{ $limit }
quota-hour = this hour { $used }/{ $limit }
quota-unlimited = No limit
quota-memory = { $rounds ->
    [one] memory { $rounds } round
   *[other] memory { $rounds } rounds
}
quota-resets = resets { $in }
button-model-auto = Automatic
model-now = Model: { $model }
model-now-auto = Model: automatic, by the question
model-lost = { $model }, which you chose, is not part of your level ({ $role }) any more; back to automatic.
model-offer = /model { $slot } – always { $model }
model-offer-complex = /model { $slot } – { $model } for complex questions, Flash for the rest
model-offer-auto = /model auto – automatic
model-unknown = There is no such model. You can choose:
model-denied = { $model } is not part of your level ({ $role }). You can choose:
model-set = All right: { $model } from now on.
model-set-auto = All right: the model is chosen by the question from now on.

# Commands of the owner
only-in-private = Please use this command in our private chat.
owners-command = That is a command for the owner.
claimed = 🎉 You are the owner of this bot now.
misread-who = Say who: @name, a numeric ID, or a reply to one of their messages.
misread-no-person = That message is not from a person (a bot, a channel or somebody anonymous). Use @name or a numeric ID.
misread-role = Say which level: vip, premium, normal or guest.
misread-span = Write the time as 12h, 30d or 2w, from a minute to ten years.
misread-more = I don't understand what stands behind that.
grant-usage = Usage: /grant @name vip 30d
revoke-usage = Usage: /revoke @name
ban-usage = Usage: /ban @name reason
unban-usage = Usage: /unban @name
kick-usage = Usage: /kick @name reason, or /kick seat:2
users-usage = Usage: /users, /users vip, /users banned, /users 2 (the second page)
person-unknown = Nobody here has used the name @{ $name }. Use a numeric ID, or reply to one of their messages.
person-is-owner = This is the owner, whose level cannot be changed and who cannot be banned.
grant-makes-owner = Nobody is made owner this way; add their numeric ID to owner_ids in the configuration.
grant-done = ✅ Level: { $before } → { $after }
grant-until = Ends { $in }
still-banned = Still banned; /unban lets them in again.
revoke-done = ✅ Taken back; they are { $role } now.
revoke-shut-out = ✅ Taken back; the bot is not open to them any more.
revoke-nothing = They were not granted any level.
ban-done = 🚫 Banned: the bot does not answer them any more.
ban-already = 🚫 Banned already.
unban-done = ✅ Not banned any more.
kick-done = ✅ The VIP session is ended; they can enter again { $in }.
kick-done-waiting = ✅ Out of the line for VIP; they can enter again { $in }.
kick-nobody = No VIP seat, and no place in the line.
unban-nothing = They are not banned.
users-head = { $count ->
    [one] 👥 { $count } person: { $roles }
   *[other] 👥 { $count } people: { $roles }
}
users-none = No such users.
users-page = Page { $page } of { $pages }; next: { $next }
users-until = { $role } (ends { $in })
users-banned = 🚫 { $role }
users-seen = { $span } ago
users-unseen = never seen
keys-head =
    🔑 total { $total }, usable { $usable } · resets { $in }
    Used/budget today: Flash-Lite · Flash · Pro
keys-group = Group { $group }
keys-reserve = Reserve keys
keys-more = { $count } more are not listed; svs status on the server shows all.
key-until = { $condition } (back { $in })
key-ready = ✅
key-cooling = ⏳ cooling
key-exhausted = 🪫 used up
key-blacklisted = ⛔ blacklisted
key-invalid = ❌ rejected
key-disabled = ⏸ off

# Notices
notice-queued = Still answering the last one; yours is queued ({ $position }/{ $capacity }). /stop to interrupt.
notice-too-many-queued = { $capacity } questions are queued already, so this one was not taken. Send it again once they are answered.
notice-waiting = Busy right now; I will retry by myself in { $span }. No need to resend.
notice-day-cap = You've used today's { $limit }. Resets { $in }.
notice-hour-cap = You've used this hour's { $limit }. You can ask again { $in }.
notice-pool-spent = This tier is out of quota; it is back { $in }. Please try later.
notice-pool-busy = Too busy to take this one. Please try again { $in }. #{ $ref }
notice-outage = Gemini isn't responding, and nobody knows for how long. Tap Retry later. #{ $ref }
notice-blocked = That was blocked by the safety policy. Try rephrasing. #{ $ref }
notice-failed = { $attempts ->
    [one] The service didn't answer. Tap Retry later. #{ $ref }
   *[other] The service didn't answer after { $attempts } tries. Tap Retry later. #{ $ref }
}
notice-internal = Something went wrong. Logged as #{ $ref }; the owner can look it up.
notice-empty = The model returned nothing. Tap Retry, or rephrase the question. #{ $ref }
notice-too-long = The question is too long; at most { $limit } characters. Shorten it or send it in pieces.
notice-too-late = I was away; messages older than an hour are not answered. If you still need it, please send it again.
why-degraded = { $why ->
    [down] isn't responding
    [busy] is busy
    [paced] has used up its share for now
    [spent] is used up today
    [not_offered] isn't available from Google right now
   *[keys_out] has no working key
}
notice-downgraded = { $lender ->
    [none] { $wished } { $why }; answered with { $served }.
    [reserve] { $wished } { $why }; answered with { $served } by a reserve key.
   *[other] { $wished } { $why }; answered with { $served } by group { $lender }.
}
notice-borrowed = { $lender ->
    [reserve] Group { $home } { $why }; answered by a reserve key.
   *[other] Group { $home } { $why }; answered by group { $lender }.
}
notice-restarted = I restarted; answering the question above again.
notice-silenced = Telegram limited how often I may write here: I had to pause for { $span }. Sorry for the wait.
notice-unsupported = I can't read this. I can read text, photos, voice, audio, video and documents (PDF, text, code).
notice-file-too-big = { $limit ->
    [20] Over 20 MB; Telegram won't let bots download it.
   *[other] This text is over { $limit } MB, which is too long. Send the part you need.
}
notice-files-too-big = These files are over { $limit } MB together. Send them in several messages.
notice-file-unsupported = { $ext } isn't supported yet.
notice-file-empty = This file is empty.
notice-file-lost = I couldn't get the file from Telegram. Tap Retry, or send it again.
notice-pictures-off = Pictures aren't set up here.
notice-pictures-denied = Pictures are for premium and above; you are { $role }.
notice-pictures-unpaid = Pictures need a paid key, and none of the keys here is. Please tell the owner.
notice-role-changed = You are now { $role }.
notice-role-changed-until = You are now { $role }, for { $span }.
notice-vip-full = VIP seats are full ({ $seats }/{ $seats }). Serving you as { $role } meanwhile.
notice-vip-full-until = VIP seats are full ({ $seats }/{ $seats }); the next frees { $in }. Serving you as { $role } meanwhile.
notice-vip-entered = You're in VIP ({ $taken }/{ $seats }): { $rounds } rounds; released after { $idle } without a message.
notice-vip-entered-until = You're in VIP ({ $taken }/{ $seats }): { $rounds } rounds; ends { $in }, or after { $idle } without a message.
notice-vip-kicked = The owner ended your VIP session. Your chat is kept; you continue as { $role }.
notice-vip-kicked-reason = The owner ended your VIP session ({ $reason }). Your chat is kept; you continue as { $role }.
notice-vip-unqueued = The owner took you out of the line for VIP.
notice-vip-unqueued-reason = The owner took you out of the line for VIP ({ $reason }).
notice-vip-ending = VIP ends in { $span }.
notice-vip-renewed = VIP renewed; it ends { $in }.
notice-vip-expired = VIP ended; you continue as { $role }.
notice-vip-seat-held = Your turn: seat held for { $hold }.
notice-vip-in-line = You're number { $position } in line for VIP; you will be told when it is your turn.
notice-vip-in-line-until = You're number { $position } in line for VIP; your turn comes { $in } at the earliest, and you will be told.
notice-vip-hold-lapsed = The hold ran out; the seat went to the next in line.
notice-vip-seat-free = A VIP seat is free: first come, first served.
notice-key-rejected = 🔑 Google rejected key { $key } ({ $reason }); it is out of use. Replace it, or run svs keys enable { $key }.
