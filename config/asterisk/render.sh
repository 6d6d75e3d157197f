#!/bin/sh
# Write Asterisk's configuration into a folder: render.sh FOLDER. The values come from the environment (HOTLINE_*)
# and have defaults that fit docker-compose.yml. Nothing is kept in the templates, so they may be read by anybody.
set -eu
umask 027
target=${1:?the folder to write into}
here=$(cd "$(dirname "$0")" && pwd)

value() { # value NAME DEFAULT: what @NAME@ stands for
    eval "given=\${HOTLINE_$1:-}"
    export "at_$1=${given:-$2}"
    names="${names:-} $1"
}
value ETC "$target"
value MODULES "$(echo /usr/lib/*/asterisk/modules)"
value DATA /usr/share/asterisk
value VAR /var/lib/asterisk
value SPOOL /var/spool/asterisk
value RUN /var/run/asterisk
value LOG /var/log/asterisk
value AWAY_DIR /data/away
value SOUNDS "$here/../prompts/zh-CN"
value MUSIC_FILE "$here/../prompts/zh-CN/hold_music.wav"
value MUSIC "$target/music"
value ARI_HOST 127.0.0.1
value ARI_PORT 8088
value ARI_USER hotline
value ARI_PASSWORD ""
value ARI_APP hotline
value MEDIA_CLIENT hotline-media
value MEDIA_URI ws://127.0.0.1:8016/media
value SIP_HOST 0.0.0.0
value SIP_PORT 5060
value RTP_PORT_MIN 20000
value RTP_PORT_MAX 24999
value LAN 127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
value LINE_NUMBER 12345
value DEAD_MEDIA_S 20
value MESSAGE_MAX_S 180
value TRUNK_HOST ""
value TRUNK_DOMAIN "${HOTLINE_TRUNK_HOST%%[:;]*}"
value TRUNK_USERNAME "$at_LINE_NUMBER"
value TRUNK_PASSWORD none

if [ -z "$at_ARI_PASSWORD" ]; then
    echo "render.sh: set HOTLINE_ARI_PASSWORD: whoever knows it can listen to every call" >&2
    exit 1
fi

mkdir -p "$target" "$at_MUSIC"
cp "$at_MUSIC_FILE" "$at_MUSIC/" # in a folder of its own: Asterisk plays everything that lies there
for template in "$here"/templates/*.conf; do
    name=$(basename "$template")
    if [ "$name" = pjsip_trunk.conf ] && [ -z "$at_TRUNK_HOST" ]; then
        rm -f "$target/$name"
        continue
    fi
    NAMES=$names awk '
        BEGIN { count = split(ENVIRON["NAMES"], name, " ") }
        {
            for (i = 1; i <= count; i++) {
                mark = "@" name[i] "@"; rest = $0; line = ""
                while ((at = index(rest, mark)) > 0) {
                    line = line substr(rest, 1, at - 1) ENVIRON["at_" name[i]]
                    rest = substr(rest, at + length(mark))
                }
                $0 = line rest
            }
            print
        }' "$template" >"$target/$name"
done
for silent in acl ccss cdr cel features manager pjproject stasis udptl; do # read by parts that are always there
    [ -e "$target/$silent.conf" ] || : >"$target/$silent.conf"
done
