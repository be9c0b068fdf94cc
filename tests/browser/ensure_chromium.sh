#!/usr/bin/env bash
# The browser tests need Chromium, its driver and Chinese fonts. As root: installed with apt.
set -euo pipefail
need=()
command -v chromium >/dev/null || need+=(chromium)
command -v chromedriver >/dev/null || need+=(chromium-driver)
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ]; then
  echo "installing ${need[*]} fonts-noto-cjk ..."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${need[@]}" fonts-noto-cjk >/dev/null
else
  echo "the browser tests need: apt install ${need[*]} fonts-noto-cjk" >&2
  exit 1
fi
