#!/bin/sh
# Installs Debian's PostgreSQL for the tests; needs root, or sudo without a question.
# Only the programs: the tests start clusters of their own, so Debian's is not made and nothing is started.
set -eu
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
settings=/etc/postgresql-common/createcluster.conf
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends postgresql-common
$as_root sed -i.to-am 's/^#\{0,1\}create_main_cluster *=.*/create_main_cluster = false/' "$settings"
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends postgresql
$as_root mv "$settings.to-am" "$settings"
