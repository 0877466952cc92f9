# Sourced: private_apt DIR SUITE makes apt use one suite of Debian, and directories of its own below DIR. Nothing of the
# system's apt state is read or changed, no privilege is needed.
private_apt() {
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
  touch "$1/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $2 main" \
    > "$1/sources.list"
  cat > "$1/apt.conf" <<CONF
Dir::State::Lists "$1/lists";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::SourceList "$1/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
CONF
  export APT_CONFIG="$1/apt.conf"
  apt-get -qq update
}
