# The steps of .ci/run: step_NAME does it, title NAME says what it is.
# Needs: the module's root as working folder, $scratch, set -euo pipefail.

readonly staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Tests that try one thing thousands of times; step unit does them in full.
readonly many='PowerCut|^TestRing(Survives|With|Work|HasRoom|Against)|EveryAlteredByte|EveryCutOff|EveryBitIs|FadedPage|HeapOfA'
# Tests that alter, cut or draw everything once more, on code that an emulator has
# run by then: it takes a minute for what takes this machine two seconds.
readonly emulated="$many|^FuzzVerifyEd|EdgeCasesAreThePublished|RFC7748Iterated|LinkLostAtEvery|OneByteChanged|OneBitChange|EveryChangeOf|NothingSecret|AlteredAnswer|EveryByteAltered|Impostor|ServesManyTaps"
# Tests of the lock that an emulator runs too: the others are the same decisions.
readonly of_lock='Ring|Memory|Start|Uses|Vectors'
readonly platforms='linux/amd64 windows/amd64 darwin/arm64'
readonly small_platforms='android/arm64 wasip1/wasm'
readonly fuzz_each=3    # seconds for one target, where the total allows it
readonly fuzz_total=80  # seconds for all of them together

title() {
  case $1 in
    tools) echo 'what the other steps need of Debian' ;;
    format) echo 'gofmt changes nothing' ;;
    generate) echo 'go generate changes nothing' ;;
    vet) echo 'go vet' ;;
    staticcheck) echo "$staticcheck" ;;
    unit) echo 'go test ./...' ;;
    race) echo 'the same in short, with the race detector' ;;
    build) echo 'builds for every platform, without cgo' ;;
    binary) echo 'the tool as one static file, under 25 MB' ;;
    arm) echo 'core packages as 32-bit ARM code, in an emulator' ;;
    bigendian) echo 'what puts bytes in order, as big-endian code in an emulator' ;;
    fuzz) echo 'every fuzz target for a few seconds' ;;
    readme) echo 'the commands of README.md' ;;
    formal) echo 'the models of spec/formal, and every mutant of them' ;;
    mailbox) echo 'the whole story, for people and for programs' ;;
    edition) echo 'the standard as one page' ;;
    costs) echo 'what a tap costs the lock, counted anew' ;;
    pcsc) echo 'the real PC/SC service opens a simulated lock' ;;
    clock) echo 'a lock in C is certified, and three broken ones are not' ;;
    mutants) echo 'every wrong lock, app and issuer is found by a case of its own' ;;
    modules) echo 'the examples that are modules of their own, with databases, a browser and hardware keys' ;;
    mobile) echo 'the mobile bindings, for Java and Objective-C' ;;
    operator) echo 'the operator of examples, started as people do, on both databases' ;;
    reader) echo 'the vectors, checked by other code from the text' ;;
    phone) echo 'a phone in Python behind the shim, held to the suite as by a stranger' ;;
    *) echo "no such step: $1" >&2 && return 2 ;;
  esac
}

# Debian packages, each with a command or file that shows that it is there.
step_tools() {
  local missing=() package proof
  while read -r package proof; do
    command -v "$proof" >/dev/null || [[ -e $proof ]] || missing+=("$package")
  done <<'TABLE'
ca-certificates /etc/ssl/certs/ca-certificates.crt
android-liblog-dev /usr/include/android/android/log.h
chromium chromium
clang-14 clang-14
curl curl
default-jdk-headless javac
gcc gcc
kotlin kotlinc
libc6-dev /usr/include/stdio.h
libssl-dev /usr/include/openssl/evp.h
make make
git git
iproute2 ip
opensc opensc-tool
openssl openssl
pcscd pcscd
postgresql /usr/lib/postgresql/15/bin/initdb
python3-cbor2 /usr/lib/python3/dist-packages/cbor2
python3-cryptography /usr/lib/python3/dist-packages/cryptography
python3-yaml /usr/lib/python3/dist-packages/yaml
qemu-user qemu-arm
softhsm2 softhsm2-util
spin spin
vsmartcard-vpcd /usr/lib/pcsc/drivers/serial/libifdvpcd.so
TABLE
  if ((${#missing[@]} == 0)); then
    echo 'nothing is missing'
    return
  fi
  echo "installing ${missing[*]}"
  install_packages "${missing[@]}"
}

install_packages() {
  local log=$scratch/apt.log
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "apt-get could not install $* (it needs root and a Debian mirror)" >&2
    return 1
  fi
}

step_format() {
  local unformatted
  unformatted=$(gofmt -l .)
  if [[ -n $unformatted ]]; then
    printf 'gofmt would change:\n%s\n' "$unformatted" >&2
    return 1
  fi
}

# The tree before and after is compared, so that the step also works on a tree
# with changes; on a clean one it is git diff, with new files.
step_generate() {
  snapshot >"$scratch/before"
  go generate ./...
  snapshot >"$scratch/after"
  if ! diff "$scratch/before" "$scratch/after"; then
    git --no-pager diff --stat
    echo 'go generate ./... changed the files above: run it and commit them' >&2
    return 1
  fi
}

# snapshot prints the digest and name of every file that git does not ignore.
snapshot() {
  local file
  git ls-files -z --cached --others --exclude-standard | sort -z | while IFS= read -r -d '' file; do
    if [[ -f $file ]]; then sha256sum "$file"; else echo "gone $file"; fi
  done
}

step_vet() {
  go vet ./...
}

step_staticcheck() {
  go run "$staticcheck" ./...
}

# run_tests ARGUMENTS: go test, which prints a line for each package, the tests
# that were skipped by name, and everything about a test that failed.
run_tests() {
  local log=$scratch/test.log
  if ! go test -v "$@" </dev/null >"$log" 2>&1; then
    grep -v -E '^ *(=== |--- PASS)|^PASS$' "$log" >&2 || true
    return 1
  fi
  grep -E '^(ok|\?)\s' "$log"
  grep -E -B1 --no-group-separator '^ *--- SKIP' "$log" || echo 'no test was skipped'
}

step_unit() {
  run_tests ./...
}

# concurrent_packages lists the packages whose code or tests do several things at
# once: the others, the lock first of all, do one after the other.  Those that run
# every case once more, or check files, are left to step unit; those that are modules of
# their own, to step modules.
concurrent_packages() {
  git ls-files '*.go' | xargs grep -lE '\bsync\.|\bgo func|\.Go\(|\.Parallel\(\)' | xargs -n 1 dirname | sort -u |
    grep -v -E '^(conformance|conformance/(cmd/postern|mutants|certificate|inspect)|internal/(house|vector(gen|test))|spec/(cddl|edition|examples)|examples/costs)$|^examples/(hsm|mobile|operator)|/testdata/' | sed 's,^,./,'
}

step_race() {
  local packages
  packages=$(concurrent_packages | grep -v '/holder$')
  CGO_ENABLED=1 run_tests -race -short -skip "$many" $packages
  CGO_ENABLED=1 run_tests -race -short -run 'SameTime|ManyTaps|Memory|Slots' ./credential/holder
  CGO_ENABLED=1 run_tests -race -run TestShared ./conformance
}

step_build() {
  local platform
  for platform in $platforms; do
    echo "$platform"
    CGO_ENABLED=0 GOOS=${platform%/*} GOARCH=${platform#*/} go build ./...
  done
  for platform in $small_platforms; do # firmware and apps, where nobody tests a product
    echo "$platform"
    CGO_ENABLED=0 GOOS=${platform%/*} GOARCH=${platform#*/} go build $(core_packages)
  done
}

# What makers get: no C library, no path of this machine, and not too much of it.
step_binary() {
  local file=$scratch/static size
  CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$file" ./conformance/cmd/postern
  size=$(stat -c %s "$file")
  echo "$size bytes"
  ((size < 25000000)) || { echo 'that is more than 25 MB' >&2 && return 1; }
  ! ldd "$file" >/dev/null 2>&1 || { echo 'it needs shared libraries:' >&2 && ldd "$file" >&2 && return 1; }
  "$file" list | tail -n 1
}

# core_packages lists what firmware and apps are made of: all but the programs
# for this machine, what servers use, and the checks of the repository itself.
core_packages() {
  go list ./... | grep -v -E '/(examples|conformance|issuer/ledger|credential/audit|internal/(house|browsertest|exchangetest|vectorgen|vectortest)|spec/(edition|examples))(/|$)'
}

# The phone's side is left to the step unit: what it does with numbers and bytes
# stands in the packages below it.
step_arm() {
  local packages
  packages=$(core_packages | grep -v -E '/(holder|home|holdertest|lock)$')
  CGO_ENABLED=0 GOARCH=arm GOARM=5 run_tests -short -skip "$emulated" -exec qemu-arm $packages
  CGO_ENABLED=0 GOARCH=arm GOARM=5 run_tests -short -run "$of_lock" -skip "$emulated" -exec qemu-arm ./lock
}

# Bytes are put in order below these packages, and in the lock's flash.
step_bigendian() {
  local packages
  packages=$(core_packages | grep -v -E '/(holder|home|issuer|lock|spec)$')
  CGO_ENABLED=0 GOARCH=s390x run_tests -short -skip "$emulated" -exec qemu-s390x $packages
  CGO_ENABLED=0 GOARCH=s390x run_tests -short -run 'Ring|Memory|Start' -skip "$emulated" -exec qemu-s390x ./lock
}

step_fuzz() {
  local seconds count
  fuzz_targets >"$scratch/targets"
  count=$(wc -l <"$scratch/targets")
  ((count > 0)) || { echo 'no fuzz target found' >&2 && return 1; }
  seconds=$((fuzz_total / count))
  ((seconds >= 1)) || seconds=1
  ((seconds <= fuzz_each)) || seconds=$fuzz_each
  echo "$count targets, $seconds s each, two at a time"
  export -f fuzz fuzz_build out_of_time
  export scratch seconds
  mkdir -p "$scratch/fuzz"
  cut -d ' ' -f 1 "$scratch/targets" | sort -u | xargs -P 2 -I {} bash -c 'fuzz_build {} || exit 255'
  xargs -P 2 -L 1 bash -c 'fuzz "$1" "$2" "$seconds" || exit 255' fuzz <"$scratch/targets"
}

# fuzz_targets prints the folder and the name of every fuzz target, but for that of
# the service: to build it for a fuzzer takes two databases along.
fuzz_targets() {
  git ls-files '*_test.go' ':!examples/operator/service' | xargs grep -H '^func Fuzz' | sed -E 's,^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*,\1 \2,'
}

# fuzz_build FOLDER makes one program of all targets there, with what guides a fuzzer.
fuzz_build() {
  go test -c -fuzz . -o "$scratch/fuzz/${1//\//-}" "./$1"
}

# fuzz FOLDER TARGET SECONDS.  Making an interesting input smaller would take all of
# the seconds, so it gets few tries.  A target that is not through with its own
# examples by then gets more of them.
fuzz() {
  local log seconds execs program=$scratch/fuzz/${1//\//-}
  log=$(mktemp -p "$scratch")
  for seconds in "$3" "$((8 * $3))"; do
    if ! (cd "$1" && "$program" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "${seconds}s" -test.parallel 1 -test.fuzzminimizetime 10x -test.fuzzcachedir "$scratch/fuzz/cache") </dev/null >"$log" 2>&1 &&
      ! out_of_time "$1/testdata/fuzz/$2" "$log"; then
      cat "$log" >&2
      echo "fuzzing $1 $2 failed" >&2
      return 1
    fi
    execs=$(grep -o 'execs: [0-9]*' "$log" | tail -n 1)
    [[ -z $execs ]] || break
  done
  echo "$1 $2 ${execs:-its own examples alone}"
}

# out_of_time CORPUS LOG: all that the fuzzer complains of is that its own seconds
# are over, and no input was kept.  Go before 1.27 says so by chance when the time
# ends (golang/go#75804), and a second try is as likely to hear it.
out_of_time() {
  local complaint
  complaint=$(sed -n '/^--- FAIL/,$p' "$2" | sed 's/ ([0-9.]*s)$//')
  [[ $complaint == "--- FAIL: ${1##*/}"$'\n    context deadline exceeded\nFAIL' ]] &&
    [[ -z $(git ls-files --others -- "$1" 2>/dev/null) ]]
}

# Every line of a sh block in the README is a command that works in a clone.  The
# tests alone are not run once more.
step_readme() {
  local line count=0
  while IFS= read -r line <&3; do
    echo "$ $line"
    if [[ $line == 'go test ./...' ]]; then
      echo 'run by the step unit'
      continue
    fi
    bash -c "$line" </dev/null >"$scratch/readme.log" 2>&1 || { tail -n 50 "$scratch/readme.log" >&2 && return 1; }
    tail -n 3 "$scratch/readme.log"
    count=$((count + 1))
  done 3< <(sed -n '/^```sh$/,/^```$/{/^```/d;/^$/d;/^#/d;p}' README.md)
  ((count > 0)) || { echo 'README.md has no command' >&2 && return 1; }
}

step_mailbox() {
  go run ./examples/mailbox </dev/null >"$scratch/story" || { cat "$scratch/story" >&2 && return 1; }
  echo "the story has $(wc -l <"$scratch/story") lines; its figures:"
  go run ./examples/mailbox -json </dev/null
}

# The page is made of the text and not kept beside it; step unit has its tests,
# in a browser too.
step_edition() {
  go run ./spec/edition -o "$scratch/postern.html"
  echo "$(($(wc -c <"$scratch/postern.html") / 1024)) KiB, which name $(grep -o 'class="id"' "$scratch/postern.html" | wc -l) requirements"
}

# The counts are those of one version of Go: another one may hash in other
# pieces.  With another one they are not compared.
step_costs() {
  local held=examples/costs/testdata/counts.csv counted version
  counted=$(sed -n '1s/^# counted with //p' "$held")
  version=$(go env GOVERSION)
  if [[ $version != "$counted" && $version != "$counted".* ]]; then
    echo "the counts are of $counted and not compared with those of $version"
    return
  fi
  go run ./examples/costs -count </dev/null >"$scratch/counts.csv"
  if ! diff "$held" "$scratch/counts.csv"; then
    echo "other counts than the golden ones: go run ./examples/costs -count > $held" >&2
    return 1
  fi
  echo "the counts of $(($(wc -l <"$held") - 2)) kinds of taps are the golden ones; what follows from them:"
  go run ./examples/costs </dev/null | sed -n '/^Predicted/,/^public/{/^public/d;p}'
}

# The models of the lock with spin, those of the exchange where ProVerif is.
step_formal() {
  bash spec/formal/check </dev/null
}

step_pcsc() {
  bash .ci/pcsc </dev/null
}

# The lock of conformance/undertest/clock and the tool, as a stranger has them:
# whole, as the smallest lock without hooks, and broken in three ways.
step_clock() {
  local source=conformance/undertest/clock build=$scratch/clock postern=$scratch/postern
  CGO_ENABLED=0 go build -o "$postern" ./conformance/cmd/postern
  make -s -j2 -C "$source" BUILD="$build" PYTHON=/usr/bin/python3 all test </dev/null
  /usr/bin/python3 "$source/tests/readme.py" "$postern"
  "$postern" run --target "exec:$build/clock"
  bash .ci/certify "$postern" lock "$build/clock" --target vpcd-listen:35971 --control "exec:$build/clock --level 1 --vpcd 127.0.0.1:35971" </dev/null
  /usr/bin/python3 "$source/tests/suite.py" "$postern" late-exp great-s drive-first </dev/null
}

# Debian's own python3: another one would not have the packages of step tools.
# Each run prints the reader's table; the second one changes places of valid tests.
step_reader() {
  /usr/bin/python3 -m unittest discover -q -s spec/vectors/reader
  /usr/bin/python3 spec/vectors/reader/check.py
  /usr/bin/python3 spec/vectors/reader/check.py --flip 40
}

# The tool as it is, built once; the shim's own tests; the phone at a lock by
# another maker, in C; all cases for apps, over the shim and over vpcd; and phones
# with one bug each, which have to fail at the right requirement.  The port is none of
# those of the PC/SC driver, which step pcsc may have at the same time.
step_phone() {
  local tool=$scratch/postern phone=conformance/undertest/phone
  go build -o "$tool" ./conformance/cmd/postern
  /usr/bin/python3 -m unittest discover -q -s conformance/shims/python
  /usr/bin/python3 -m unittest discover -q -s "$phone/tests"
  bash .ci/certify "$tool" app "$phone/phone.py" --target "exec:/usr/bin/python3 $phone/phone.py" </dev/null
  "$tool" run --role app --target vpcd-connect:127.0.0.1:35981 --control "exec:/usr/bin/python3 $phone/phone.py --vpcd 35981" --patience 60s
  /usr/bin/python3 "$phone/tests/bugs.py" "$tool"
}

step_mutants() {
  go run ./conformance/cmd/postern mutants --own </dev/null
}

# tidy_modules prints the folders of the modules below examples.
tidy_modules() {
  git ls-files 'examples/*go.mod' | xargs -n 1 dirname
}

# Each module as it is in go.work, and its go.mod as somebody who copies it has it.
step_modules() {
  local module
  for module in $(tidy_modules); do
    echo "$module"
    (cd "$module" && GOWORK=off go mod tidy -diff && GOWORK=off go vet ./... && GOWORK=off go run "$staticcheck" ./...)
  done
  (cd examples/operator && GOOS=js GOARCH=wasm go vet ./page/phone ./api ./signature ./client)
  in_full hsm $(cd examples/hsm && go list ./...)
  in_full operator $(cd examples/operator && go list ./... | grep -v -E '/(service|sqlstore)$')
  in_full operator ./service ./sqlstore -postgres
  grep -h -E '[0-9]+ kills' "$scratch/test.log"
}

# in_full EXAMPLE ARGUMENTS runs tests, of which none may be without what it needs.
in_full() (
  cd "examples/$1"
  run_tests "${@:2}"
  if grep -E '^ *--- SKIP' "$scratch/test.log"; then
    echo 'these tests had not what they need' >&2
    return 1
  fi
)

step_operator() {
  bash .ci/operator </dev/null
}

# The bindings are generated and compiled with what Debian has of both platforms.
step_mobile() {
  (cd examples/mobile && GOWORK=off run_tests -race ./...)
  (cd examples/mobile/bindings && GOWORK=off run_tests ./... -args -complete)
}
