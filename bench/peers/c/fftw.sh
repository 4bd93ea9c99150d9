#!/usr/bin/env bash
# fftw.sh DIR: builds FFTW in single precision with AVX2 from Debian's source
# package, as DIR/lib/libfftw3f.a. The system's package lists stay as they are:
# apt gets lists and a cache of its own, with a source line for each Debian
# archive that the system has.
set -euo pipefail
mkdir -p "$1"
dir=$(cd "$1" && pwd)
apt=$dir/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"

targets() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u
}
[ -n "$(targets)" ] || apt-get update -qq # a machine that never had lists
targets | while read -r uri suite component; do
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite $component"
done >"$apt/sources.list"
[ -s "$apt/sources.list" ] || { echo "apt knows no Debian archive: FFTW's source package cannot be had" >&2; exit 1; }

options=(-q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
apt-get "${options[@]}" update
cd "$dir"
apt-get "${options[@]}" source --download-only fftw3
rm -rf source && mkdir source
tar -xf fftw3_*.orig.tar.* -C source --strip-components 1
cd source
./configure --quiet --prefix="$dir" --enable-single --enable-sse2 --enable-avx --enable-avx2 --enable-threads --disable-fortran --disable-doc
make -s -j"$(nproc)"
make -s install
