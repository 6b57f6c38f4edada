# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_svs_global_optspecs
    string join \n c/config= env-file= socket= o/output= json q/quiet v/verbose color= no-input timeout= lang= h/help V/version
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
complete -c svs -n "__fish_svs_needs_command" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_needs_command" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_needs_command" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_needs_command" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_needs_command" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_needs_command" -s V -l version -d 'Print version'
complete -c svs -n "__fish_svs_needs_command" -f -a "status" -d 'How the daemon is: polling, keys, budgets, VIP seats'
complete -c svs -n "__fish_svs_needs_command" -f -a "vip" -d 'See and end VIP sessions'
complete -c svs -n "__fish_svs_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c svs -n "__fish_svs_needs_command" -f -a "man" -d 'Print the manual page, or write the pages of all commands into a folder'
complete -c svs -n "__fish_svs_needs_command" -f -a "version" -d 'Print the version; with --json also the system it was built for'
complete -c svs -n "__fish_svs_needs_command" -f -a "help" -d 'Show the help of a command or a topic'
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
complete -c svs -n "__fish_svs_using_subcommand status" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_using_subcommand status" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand status" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand status" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand status" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -s c -l config -d 'Configuration file [env: SVS_CONFIG]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l env-file -d 'Read variables from this .env file' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l socket -d 'The daemon\'s control socket [env: SVS_SOCKET]' -r -F
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -s o -l output -d 'Output format, see `svs help output`' -r -f -a "table\t'Aligned columns, for people'
plain\t'Columns apart by tabs, without header'
json\t'One JSON object'
jsonl\t'One JSON object per row'
csv\t'Comma-separated, with header'
nagios\t'One line as monitoring plugins print it, with exit codes 0 to 3'"
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l color -d 'When to use color' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l timeout -d 'Give up after this long, as in 10s' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -f -a "ls" -d 'Who sits in the VIP room'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -f -a "list" -d 'Who sits in the VIP room'
complete -c svs -n "__fish_svs_using_subcommand vip; and not __fish_seen_subcommand_from ls list kick" -f -a "kick" -d 'End a VIP session'
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
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from ls" -l lang -d 'The language of the bot\'s own words: zh or en' -r
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
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l reason -d 'What the user is told' -r
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
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l all -d 'Everybody'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s y -l yes -d 'Do not ask'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l dry-run -d 'Only say who would be kicked'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l no-notify -d 'Do not tell the user'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l if-exists -d 'Succeed when there is no such session'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand vip; and __fish_seen_subcommand_from kick" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c svs -n "__fish_svs_using_subcommand completions" -l lang -d 'The language of the bot\'s own words: zh or en' -r
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
complete -c svs -n "__fish_svs_using_subcommand man" -l lang -d 'The language of the bot\'s own words: zh or en' -r
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
complete -c svs -n "__fish_svs_using_subcommand version" -l lang -d 'The language of the bot\'s own words: zh or en' -r
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
complete -c svs -n "__fish_svs_using_subcommand help" -l lang -d 'The language of the bot\'s own words: zh or en' -r
complete -c svs -n "__fish_svs_using_subcommand help" -l json -d 'The same as --output json'
complete -c svs -n "__fish_svs_using_subcommand help" -s q -l quiet -d 'Say only what cannot be left out'
complete -c svs -n "__fish_svs_using_subcommand help" -s v -l verbose -d 'Say more; twice: even more'
complete -c svs -n "__fish_svs_using_subcommand help" -l no-input -d 'Never ask a question'
complete -c svs -n "__fish_svs_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
