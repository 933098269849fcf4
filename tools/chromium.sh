#!/bin/sh
# Installs Debian's Chromium for the browser tests; needs root, or sudo without a question.
set -eu
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-core
