# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_svs_global_optspecs
    string join \n c/config= env-file= socket= o/output= json q/quiet v/verbose color= no-input timeout= h/help V/version
end

function __fish_svs_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_svs_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_svs_using_subcommand
    set -l cmd (__fish_svs_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c svs -n "__fish_svs_needs_command" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_needs_command" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_needs_command" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_needs_command" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_needs_command" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_needs_command" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_needs_command" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_needs_command" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_needs_command" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_needs_command" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_needs_command" -s V -l version -d 'Print version'
complete -c svs -n "__fish_svs_needs_command" -f -a "run" -d 'Run the bot'
complete -c svs -n "__fish_svs_needs_command" -f -a "init" -d 'Make a configuration: ask for the bot\'s token, the owner and the keys, try them, and write svs.toml'
complete -c svs -n "__fish_svs_needs_command" -f -a "doctor" -d 'Look for what is wrong with the machine, the configuration, Telegram and Google'
complete -c svs -n "__fish_svs_needs_command" -f -a "status" -d 'How the daemon is: polling, keys, budgets, VIP seats'
complete -c svs -n "__fish_svs_needs_command" -f -a "health" -d 'Whether the daemon lives: it answers, polls Telegram and can store what comes'
complete -c svs -n "__fish_svs_needs_command" -f -a "reload" -d 'Have the daemon read its configuration again'
complete -c svs -n "__fish_svs_needs_command" -f -a "top" -d 'Watch the daemon live: keys, budgets, VIP seats, failures'
complete -c svs -n "__fish_svs_needs_command" -f -a "logs" -d 'Show the daemon\'s log, or follow it'
complete -c svs -n "__fish_svs_needs_command" -f -a "usage" -d 'Count what was asked and sent'
complete -c svs -n "__fish_svs_needs_command" -f -a "explain" -d 'Show the whole way of one request'
complete -c svs -n "__fish_svs_needs_command" -f -a "verify" -d 'Prove that no limit was ever passed'
complete -c svs -n "__fish_svs_needs_command" -f -a "vip" -d 'See and end VIP sessions'
complete -c svs -n "__fish_svs_needs_command" -f -a "users" -d 'See and change users: roles, bans, history'
complete -c svs -n "__fish_svs_needs_command" -f -a "ask" -d 'Ask Gemini a question'
complete -c svs -n "__fish_svs_needs_command" -f -a "keys" -d 'See, check and switch the API keys'
complete -c svs -n "__fish_svs_needs_command" -f -a "route" -d 'Show which key and model would serve a message, simulate a day, add up what a day can carry'
complete -c svs -n "__fish_svs_needs_command" -f -a "sandbox" -d 'Talk to the bot without Telegram, Gemini, token or key'
complete -c svs -n "__fish_svs_needs_command" -f -a "config" -d 'See and check the configuration'
complete -c svs -n "__fish_svs_needs_command" -f -a "service" -d 'See the systemd units of svs'
complete -c svs -n "__fish_svs_needs_command" -f -a "webhook" -d 'See and delete the bot\'s webhook'
complete -c svs -n "__fish_svs_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c svs -n "__fish_svs_needs_command" -f -a "man" -d 'Print the manual page, or write the pages of all commands into a folder'
complete -c svs -n "__fish_svs_needs_command" -f -a "version" -d 'Print the version; with --json also the system it was built for'
complete -c svs -n "__fish_svs_needs_command" -f -a "help" -d 'Show the help of a command or a topic'
complete -c svs -n "__fish_svs_using_subcommand run" -l listen -d 'Serve /health, /ready and /metrics there; "on" is 127.0.0.1:8080, see http.listen in svs.toml' -r
complete -c svs -n "__fish_svs_using_subcommand run" -l log-format -d 'How lines of the log look: text for people, json, journal (<priority> in front); auto finds out' -r -f -a "auto\t''
text\t''
json\t''
journal\t''"
complete -c svs -n "__fish_svs_using_subcommand run" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand run" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand run" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand run" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand run" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand run" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand run" -l check-config -d 'Only check the configuration'
complete -c svs -n "__fish_svs_using_subcommand run" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand run" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand run" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand run" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand init" -l dir -d 'Write svs.toml into this folder [default: where svs looks for it]' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -l token-file -d 'The bot\'s token is in this file; - is standard input' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -l keys-file -d 'The API keys are in this file; - is standard input' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -l owner-id -d 'The owner\'s numeric Telegram id [default: whoever first opens the link that svs run prints]' -r
complete -c svs -n "__fish_svs_using_subcommand init" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand init" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand init" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand init" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand init" -l force -d 'Replace a svs.toml that is there'
complete -c svs -n "__fish_svs_using_subcommand init" -l non-interactive -d 'Ask nothing: --token-file and --keys-file say all'
complete -c svs -n "__fish_svs_using_subcommand init" -l offline -d 'Try nothing with Telegram and Google'
complete -c svs -n "__fish_svs_using_subcommand init" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand init" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand init" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand init" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand doctor" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand doctor" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand doctor" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand doctor" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand doctor" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand doctor" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand doctor" -l online -d 'Ask Telegram and Google, too'
complete -c svs -n "__fish_svs_using_subcommand doctor" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand doctor" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand doctor" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand doctor" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand status" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand status" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand status" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand status" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand status" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand status" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand status" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand status" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand status" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand status" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand health" -l url -d 'Ask this address instead of the control socket; without a path, /health there' -r
complete -c svs -n "__fish_svs_using_subcommand health" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand health" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand health" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand health" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand health" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand health" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand health" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand health" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand health" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand health" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand health" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand reload" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand reload" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand reload" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand reload" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand reload" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand reload" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand reload" -l dry-run -d 'Only say what would change'
complete -c svs -n "__fish_svs_using_subcommand reload" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand reload" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand reload" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand reload" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand top" -s n -l interval -d 'How often the daemon is asked, 100ms to 1h' -r
complete -c svs -n "__fish_svs_using_subcommand top" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand top" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand top" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand top" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand top" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand top" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand top" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand top" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand top" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand top" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s n -l lines -d 'How many of the last entries' -r
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l level -d 'Only what is at least as important: error, warn, info, debug, trace' -r
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s f -l follow -d 'Show what comes as well, until Ctrl-C'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand logs; and not __fish_seen_subcommand_from level" -f -a "level" -d 'Show or change how much the daemon logs'
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l for -d 'Go back to the configured level after this long, as in 10m' -r
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand logs; and __fish_seen_subcommand_from level" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand usage" -l by -d 'What to count by' -r -f -a "user\t'The person who asked'
role\t'The role in force'
model\t'The model'
key\t'The API key'
day\t'The quota day'"
complete -c svs -n "__fish_svs_using_subcommand usage" -l since -d 'How far back' -r
complete -c svs -n "__fish_svs_using_subcommand usage" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand usage" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand usage" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand usage" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand usage" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand usage" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand usage" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand usage" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand usage" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand usage" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand explain" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand explain" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand explain" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand explain" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand explain" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand explain" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand explain" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand explain" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand explain" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand explain" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand verify" -l since -d 'How far back: a span, a time, or midnight [default: all that is kept]' -r
complete -c svs -n "__fish_svs_using_subcommand verify" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand verify" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand verify" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand verify" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand verify" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand verify" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand verify" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand verify" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand verify" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand verify" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -f -a "ls" -d 'Who sits in the VIP room'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -f -a "list" -d 'Who sits in the VIP room'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -f -a "kick" -d 'End a VIP session, a hold or a place in the line'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -f -a "grant" -d 'Make somebody vip and give them a seat'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick grant extend" -f -a "extend" -d 'Move the end of a VIP session'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l sort -d 'What to sort by' -r -f -a "seat\t'The seat\'s number'
expiry\t'Who leaves first'
idle\t'Who has been silent longest'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s a -l all -d 'Held seats and the line as well'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l sort -d 'What to sort by' -r -f -a "seat\t'The seat\'s number'
expiry\t'Who leaves first'
idle\t'Who has been silent longest'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s a -l all -d 'Held seats and the line as well'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l reason -d 'What the user is told, at most 200 characters' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l ban -d 'How long the user cannot take a seat again, as in 1h [default: as configured]' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l all -d 'Everybody who sits or has a seat held'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s y -l yes -d 'Do not ask'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l dry-run -d 'Only say who would be kicked'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l no-notify -d 'Do not tell the user'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l if-exists -d 'Succeed when there is no such session'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l for -d 'How long they are vip and sit, as in 30m [default: vip without end, the seat as configured]' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l evict-oldest -d 'If every seat is taken, end the longest session for it'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from grant" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l for -d 'How much later it ends, as in 30m [default: a full `seats.max_duration` from now]' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from extend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "ls" -d 'Who was met, the latest first'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "list" -d 'Who was met, the latest first'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "show" -d 'One user: role, grant, ban, what is used and stored'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "role" -d 'Give a user a role, or take it back'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "ban" -d 'Shut a user out'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "unban" -d 'Let a user in again'
complete -c svs -n "__fish_svs_using_subcommand users; and not __fish_seen_subcommand_from ls list show role ban unban forget" -f -a "forget" -d 'Erase a user\'s history everywhere'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l role -d 'Only those who have this role now' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l since -d 'Only those seen within this time, as in 7d' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l banned -d 'Only the banned'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l role -d 'Only those who have this role now' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l since -d 'Only those seen within this time, as in 7d' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l banned -d 'Only the banned'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l for -d 'For how long, as in 30d [default: without an end]' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l no-notify -d 'Do not tell the user'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from role" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l reason -d 'A note for operators, shown by users show; the user is told nothing' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from ban" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from unban" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s y -l yes -d 'Do not ask'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l dry-run -d 'Only say how much would be erased'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand users; and __fish_seen_subcommand_from forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand ask" -l role -d 'Whose rights it has [default: ask.role of the configuration]' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -s f -l file -d 'A file that belongs to it; may be repeated' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -l image -d 'Make a picture and write it here' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -s m -l model -d 'Ask this model [default: by what the question needs]' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -s s -l system -d 'What the model should be or heed' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -l max-tokens -d 'The longest answer' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -l temperature -d '0: always the likeliest word, to 2: bold' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -l schema -d 'Answer in JSON that follows the JSON Schema in this file' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand ask" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand ask" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand ask" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand ask" -l stream -d 'Print the answer as it comes, into a pipe too'
complete -c svs -n "__fish_svs_using_subcommand ask" -l no-stream -d 'Print the answer at once, on a terminal too'
complete -c svs -n "__fish_svs_using_subcommand ask" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand ask" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand ask" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand ask" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand ask" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "check" -d 'Ask Google about each key; spends no quota'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "ls" -d 'Every key: how it is, until when, what it sent and may send today'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "list" -d 'Every key: how it is, until when, what it sent and may send today'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "stats" -d 'How each key did: sends, how they ended, how long they took'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "disable" -d 'Take keys out: from now on they send nothing'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "enable" -d 'Take keys back that were disabled'
complete -c svs -n "__fish_svs_using_subcommand keys; and not __fish_seen_subcommand_from check ls list stats disable enable reset" -f -a "reset" -d 'Forget bans, rejections and strikes of keys'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s g -l group -d 'Only keys of these groups' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s k -l key -d 'Only these keys, as in A3' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l via -d 'What each key is asked for: the list of models, which is free, or one token, which is counted' -r -f -a "models\t'The list of models: free'
generate\t'One token: a send, debited and counted'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s m -l model -d 'The model that is asked for a token [default: flash-lite]' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l concurrency -d 'How many at a time' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l rate -d 'How many tokens are asked for in a time [default: 10/m]' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l fail-on -d 'What makes the command fail: anything that is not well, a group that cannot serve, or nothing short of all keys' -r -f -a "any\t'Anything that is not well: 1, or 2 if a group cannot serve'
group\t'A group that cannot serve: 2'
all\t'No key at all can serve: 2'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l cached -d 'Let the last check answer where it is younger than this; 0: ask in any case' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l on-change -d 'Print and fail only if the result differs from that in FILE, and write it there; without FILE it differs' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s g -l group -d 'Only keys of these groups' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s g -l group -d 'Only keys of these groups' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l for -d 'How far back' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l for -d 'For how long [default: until they are enabled]' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l reason -d 'A note for operators, shown by keys ls' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s n -l dry-run -d 'Only say what would be done'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Do not ask, even if a group loses its last key'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l reason -d 'A note for the log' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s n -l dry-run -d 'Only say what would be done'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l reason -d 'A note for the log' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s n -l dry-run -d 'Only say what would be done'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand keys; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand route" -l role -d 'Whose rights: owner, vip, premium, normal or guest; in a simulation all of them if none is named' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l text -d 'The message; - reads it from standard input' -r
complete -c svs -n "__fish_svs_using_subcommand route" -s m -l model -d 'Ask for this model, whatever the message is' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l seed -d 'Where chance begins' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l fail -d 'Act as if these keys had failed this message already; in a simulation they fail all day' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l state -d 'The state of the pool: live (the daemon\'s), stored, empty (nothing sent yet), or a file' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l at -d 'The time, as in 2026-01-31T12:00:00Z [default: now; with a file: its own]' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l n -d 'Simulate so many requests, spread over the time until --until or at the pace of --load' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l load -d 'Simulate requests at this pace, as in 3/min, 0.5/s, 200/h, 4000/day' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l until -d 'Where the simulation ends: midnight (of the quota), a time, or so long after its beginning' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l by -d 'Which rows csv, plain and jsonl have' -r -f -a "role\t'One row per role'
key\t'One row per key'
time\t'One row per role and part of the time'"
complete -c svs -n "__fish_svs_using_subcommand route" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand route" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand route" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand route" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand route" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand route" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand route" -l no-seat -d 'A vip without a seat'
complete -c svs -n "__fish_svs_using_subcommand route" -l explain -d 'Say why the message is what it is, and what each step has spent of its budget'
complete -c svs -n "__fish_svs_using_subcommand route" -l capacity -d 'Add up what a day can carry per role, model and project, and what is promised in vain'
complete -c svs -n "__fish_svs_using_subcommand route" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand route" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand route" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand route" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand route" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l as -d 'Who speaks first' -r
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l users -d 'So many people of every role but owner' -r
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l fail -d 'Break something, as in A1=429,B=503' -r
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l script -d 'Read the lines from this file; - is standard input' -r -F
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l lang -d 'The language of the people, as zh [default: that of the locale]' -r
complete -c svs -n "__fish_svs_using_subcommand sandbox" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand sandbox" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l serve -d 'Only start the two servers and print what points a bot at them'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -f -a "check" -d 'Check the configuration and show which group of keys serves whom'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -f -a "show" -d 'Every setting, secrets masked'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -f -a "path" -d 'Which svs.toml is read'
complete -c svs -n "__fish_svs_using_subcommand config; and not __fish_seen_subcommand_from check show path diff" -f -a "diff" -d 'What the daemon would do otherwise if it read its configuration now'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say where each value comes from'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l changed -d 'Leave out what nobody set'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand config; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand service; and not __fish_seen_subcommand_from unit" -f -a "unit" -d 'The systemd units of this svs, and what of them is on this machine'
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l print -d 'Print a unit instead' -r -f -a "svs\t'The bot'
keys-check\t'One check of the keys'
keys-check.timer\t'When the keys are checked'"
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand service; and __fish_seen_subcommand_from unit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -f -a "info" -d 'Show the webhook that is set for the bot, if any'
complete -c svs -n "__fish_svs_using_subcommand webhook; and not __fish_seen_subcommand_from info delete" -f -a "delete" -d 'Delete the bot\'s webhook, so that svs can poll'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l drop-pending -d 'Also drop the updates that wait at Telegram'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand completions" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand completions" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand completions" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand completions" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand completions" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand completions" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand completions" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand completions" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand completions" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand completions" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand man" -l dir -d 'Write one page per command into this folder' -r -F
complete -c svs -n "__fish_svs_using_subcommand man" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand man" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand man" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand man" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand man" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand man" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand man" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand man" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand man" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand man" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand version" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand version" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand version" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand version" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand version" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand version" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand version" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand version" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand version" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand version" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand help" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand help" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand help" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand help" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand help" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand help" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand help" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand help" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand help" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand help" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
