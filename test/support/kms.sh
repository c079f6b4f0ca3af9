#!/bin/sh
# Stands for a key management system's command: NAME seal|open CONTEXT, base64 in and out. Opens what the same name has
# sealed for the same context, and nothing else.
value=$(cat)
case $2 in
  seal) printf '%s|%s|%s' "$1" "$3" "$value" | base64 -w 0 ;;
  open)
    opened=$(printf %s "$value" | base64 -d 2>/dev/null | tr -d '\000')
    case $opened in
      "$1|$3|"*) printf %s "${opened#"$1|$3|"}" ;;
      *) exit 3 ;;
    esac ;;
esac
