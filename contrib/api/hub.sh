# shellcheck shell=sh
# What the samples have in common: api METHOD PATH [more for curl]
#
#   CUBE_URL     http://127.0.0.1:PORT or https://HOST, as of the command cube
#   CUBE_SOCKET  path of the socket, if there is no URL; the usual one unless set
#   CUBE_TOKEN   a token (/hub_token add), if the door wants one
#   CUBE_KEY     Idempotency-Key of what changes something, if set: say it again, and it
#                is done once
#
# Token and body go to curl by its standard input: arguments are seen by everybody.

body=''
base=${CUBE_URL:-http://localhost}
socket=''
[ -n "$CUBE_URL" ] || socket=${CUBE_SOCKET:-/run/connectycube-bridge/api.sock}

# text in quotes, for JSON and for curl
text() {
	printf %s "$1" | sed 's/[\\"]/\\&/g; s/.*/"&"/'
}

api() {
	method=$1 path=$2
	shift 2
	{
		[ -z "$CUBE_TOKEN" ] ||
			echo "header = $(text "Authorization: Bearer $CUBE_TOKEN")"
		[ -z "$CUBE_KEY" ] || echo "header = $(text "Idempotency-Key: $CUBE_KEY")"
		[ -z "$socket" ] || echo "unix-socket = $(text "$socket")"
		[ -z "$body" ] || printf 'data = %s\n' "$(text "$body")"
		[ -z "$body" ] || echo 'header = "Content-Type: application/json"'
	} | curl --silent --show-error --fail-with-body --config - \
		--request "$method" "$@" "$base$path"
}

# post PATH BODY
post() {
	body=$2
	api POST "/api/v1/$1"
}

# so many arguments have to be there: need NUMBER "$@"
need() {
	n=$1
	shift
	[ $# -ge "$n" ] || { sed -n '/^# usage/s/^# //p' "$0" >&2; exit 64; }
}
