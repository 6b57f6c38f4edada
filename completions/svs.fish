complete --keep-order --exclusive --command svs --arguments "(SVS_COMPLETE=fish svs -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
