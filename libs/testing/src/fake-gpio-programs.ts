import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/**
 * Stands for all programs of libgpiod on a machine with one chip, `gpiochip0`, whose line 12 is named LOCK. Each says in `log`
 * what it was told; a line has one holder, and what it was driven to stays when nobody holds it.
 */
const program = `#!/bin/sh
here=$(dirname "$0")
name=$(basename "$0")
version=$(cat "$here/version")
if [ "$1" = --version ]; then echo "$name (libgpiod) v$version"; exit 0; fi
echo "$name $*" >>"$here/log"
if [ -f "$here/fail-$name" ]; then echo "$name: $(cat "$here/fail-$name")" >&2; exit 1; fi

for word in "$@"; do place=$word; done
line=\${place%%=*} sleeper=
[ "$line" != LOCK ] || line=12

taken() { [ -f "$here/taken-$line" ]; }
held() { [ -f "$here/held-$line" ] && kill -0 "$(cat "$here/held-$line")" 2>/dev/null; }
put() { echo "$2" >"$here/new-$1-$$"; mv "$here/new-$1-$$" "$here/$1"; }
drive() { echo "level $line $1" >>"$here/log"; put "level-$line" "$1"; }
# A line is held and driven at once.
hold() {
  if held || taken; then echo "$name: error: Device or resource busy" >&2; exit 1; fi
  trap 'let_go; exit 143' TERM INT
  [ -z "$1" ] || drive "$1"
  put "held-$line" $$
}
pause() { sleep "$1" >/dev/null 2>&1 & sleeper=$!; wait $sleeper; }
let_go() { rm -f "$here/held-$line"; [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || :; }

case $name in
gpioinfo)
  printf 'gpiochip0 - 2 lines:\\n'
  line=12
  if taken; then who="\\"$(cat "$here/taken-$line")\\"" is=output
  elif held; then who='"gpioset"' is=output; else who=unused is=input; fi
  printf '\\tline  12:       "LOCK" %12s  %s  active-high \\n' "$who" "$is"
  printf '\\tline  13:      unnamed       unused   input  active-high \\n'
  ;;
gpioget)
  if held; then echo "$name: error: Device or resource busy" >&2; exit 1; fi
  cat "$here/input-$line"
  ;;
gpiomon)
  hold ''
  while :; do
    if [ -f "$here/edges-$line" ]; then mv "$here/edges-$line" "$here/told-$line"; cat "$here/told-$line"; fi
    sleep 0.01
  done
  ;;
gpioset)
  value=\${place#*=}
  [ ! -f "$here/slow" ] || sleep "$(cat "$here/slow")"
  hold "$value"
  case " $* " in *" --banner "*) echo "Setting line '$line'..." ;; esac
  case " $* " in
  *" -t 0 "*|*" -m exit "*) ;;
  *" -t "*)
    ms=$(echo "$*" | sed 's/.*-t \\([0-9]*\\)ms,0.*/\\1/')
    pause "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    drive $((1 - value))
    ;;
  *" -m time "*)
    s=$(echo "$*" | sed 's/.*-s \\([0-9]*\\).*/\\1/')
    us=$(echo "$*" | sed 's/.*-u \\([0-9]*\\).*/\\1/')
    pause "$(printf '%d.%06d' "$s" "$us")"
    ;;
  *) pause infinity ;;
  esac
  let_go
  ;;
esac
`;

const programs = ['gpioset', 'gpioget', 'gpiomon', 'gpioinfo'] as const;

/** Programs of libgpiod that move files instead of lines. */
export class FakeGpioPrograms {
  private readonly temporary: TemporaryFolder = temporaryFolder();

  /** @param version what they say that they are: `1.6.3` or `2.2.1`. */
  constructor(version: string) {
    this.put('version', version);
    for (const name of programs) {
      const path = join(this.folder, name);
      writeFileSync(path, program);
      chmodSync(path, 0o755);
    }
  }

  /** Where they are. */
  get folder(): string {
    return this.temporary.path;
  }

  /** Each program that was run with its arguments, and each level that a line was driven to (`level 12 1`), in order. */
  get log(): string[] {
    return this.read('log')
      .split('\n')
      .filter((line) => line !== '');
  }

  /** The level that a line was last driven to. */
  level(line: number): string {
    return this.read(`level-${line}`).trim();
  }

  /** The process that holds a line; null: none. */
  holder(line: number): number | null {
    const pid = this.read(`held-${line}`).trim();
    if (pid === '') return null;
    try {
      process.kill(Number(pid), 0);
      return Number(pid);
    } catch {
      return null;
    }
  }

  /** Has a program fail with a message, until `null` mends it. */
  fail(name: (typeof programs)[number], message: string | null): void {
    if (message === null) this.remove(`fail-${name}`);
    else this.put(`fail-${name}`, message);
  }

  /** Has another program drive a line; `null`: none. */
  take(line: number, consumer: string | null): void {
    if (consumer === null) this.remove(`taken-${line}`);
    else this.put(`taken-${line}`, consumer);
  }

  /** Has `gpioset` take so many seconds until it drives a line; `null`: none. */
  slow(seconds: number | null): void {
    if (seconds === null) this.remove('slow');
    else this.put('slow', String(seconds));
  }

  /** What `gpioget` reads. */
  setInput(line: number, on: boolean): void {
    this.put(`input-${line}`, on ? '1' : '0');
  }

  /** Has the `gpiomon` of a line print this. */
  tell(line: number, ...edges: string[]): void {
    const path = join(this.folder, `edges-${line}`);
    // Written beside it, so that it is never read by half.
    writeFileSync(`${path}.new`, edges.map((edge) => `${edge}\n`).join(''));
    renameSync(`${path}.new`, path);
  }

  /** Whether its `gpiomon` has printed what it was given last. */
  told(line: number): boolean {
    return existsSync(join(this.folder, `told-${line}`)) && !existsSync(join(this.folder, `edges-${line}`));
  }

  /** Removes them. What is still running must have been ended. */
  dispose(): void {
    this.temporary.remove();
  }

  private read(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  private put(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  private remove(name: string): void {
    rmSync(join(this.folder, name), { force: true });
  }
}
