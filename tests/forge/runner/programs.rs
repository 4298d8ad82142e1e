//! Programs that stand in for those that need the forge itself. `@FORGE@` is the folder of the forge.

/// `gh`: loads artifacts, makes drafts of releases, verifies attestations unless told that they are false.
pub(super) const GH: &str = r#"
echo "gh $*" >>"@FORGE@/gh.log"
[ -n "${GH_TOKEN:-}" ] || { echo "gh: no token" >&2; exit 4; }
case "$1 $2" in
  "run download")
    [ -n "${GH_REPO:-}" ] || { echo "gh: no repository" >&2; exit 1; }
    from="@FORGE@/artifacts/$3"
    shift 3
    while [ $# -gt 0 ]; do
      case "$1" in
        --name) name=$2 ;;
        --pattern) pattern=$2 ;;
        --dir) dir=$2 ;;
        *) echo "gh: unknown flag $1" >&2; exit 1 ;;
      esac
      shift 2
    done
    mkdir -p "$dir"
    if [ -n "${name:-}" ]; then
      [ -d "$from/$name" ] || { echo "no artifact matches any of the names or patterns provided" >&2; exit 1; }
      cp -R "$from/$name/." "$dir/"
    else
      found=
      for artifact in "$from/"$pattern; do
        [ -d "$artifact" ] || continue
        found=yes
        cp -R "$artifact" "$dir/"
      done
      [ -n "$found" ] || { echo "no artifact matches any of the names or patterns provided" >&2; exit 1; }
    fi
    ;;
  "release create")
    [ -n "${GH_REPO:-}" ] || { echo "gh: no repository" >&2; exit 1; }
    mkdir -p "@FORGE@/released"
    shift 2
    for argument in "$@"; do
      case "$argument" in
        -* | v*) echo "$argument" >>"@FORGE@/released.log" ;;
        *) cp "$argument" "@FORGE@/released/" ;;
      esac
    done
    ;;
  "attestation verify") [ ! -e "@FORGE@/attestations-are-false" ] ;;
  *) echo "gh: not known here: $*" >&2; exit 1 ;;
esac
"#;
