# 0: the last version goes; 1: another one comes.
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --now iinspect.service >/dev/null 2>&1 || :
    for timer in $(systemctl list-units --all --no-legend --plain 'iinspect-scan@*.timer' | cut -d' ' -f1); do
        systemctl disable --now "$timer" >/dev/null 2>&1 || :
    done
fi
