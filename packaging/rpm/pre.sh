if ! getent passwd iinspect >/dev/null; then
    getent group iinspect >/dev/null || groupadd --system iinspect
    useradd --system --gid iinspect --home-dir /var/lib/iinspect --no-create-home --shell /sbin/nologin \
        --comment "iinspect service" iinspect
fi
