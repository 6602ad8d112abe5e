#!/bin/sh
# The commit-msg hook of rel: `rel lint --install` wrote it, `rel lint --uninstall` takes it away again.

# The hook that stood here before runs first, and may refuse.
earlier=${0%/*}/commit-msg.local
if [ -x "$earlier" ]; then
	"$earlier" "$@" || exit $?
fi

if ! command -v rel >/dev/null 2>&1; then
	echo 'note: rel is not on PATH, so this commit message was not checked' >&2
	exit 0
fi

# git knows best where its comment character may be set; the last one counts.
comment=$(git config --get-regexp '^core\.comment(char|string)$' | sed -n '$s/^[^ ]* //p')
exec rel lint --comment "${comment:-#}" "$1"
