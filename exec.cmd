@rem The shells "exec" for npm scripts on Windows: elsewhere it keeps a shell from standing between npm and node,
@rem where it would swallow Ctrl-C and the exit code.
@%*
