chown root:iinspect /etc/iinspect /etc/iinspect/config.toml
chmod 0750 /etc/iinspect
chmod 0640 /etc/iinspect/config.toml
if [ ! -e /etc/iinspect/key ]; then
    (
        umask 077
        rm -f /etc/iinspect/key.new
        head -c 32 /dev/urandom >/etc/iinspect/key.new
        [ "$(wc -c </etc/iinspect/key.new)" -eq 32 ] || exit 1
        chown iinspect:iinspect /etc/iinspect/key.new
        sync /etc/iinspect/key.new
        mv /etc/iinspect/key.new /etc/iinspect/key
    )
fi
install -d -o iinspect -g iinspect -m 0700 /var/lib/iinspect
install -d -o iinspect -g iinspect -m 0750 /var/log/iinspect
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
