set edit:completion:arg-completer[svs] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) SVS_COMPLETE="elvish" svs -- $@words) | to-lines
}
