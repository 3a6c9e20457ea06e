import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { type CommandOptions, runCommand } from './run-command.ts';

/**
 * Python's own library, which TensorFlow asks for where its library is a Python module. Python itself is not started by it.
 * @param python the interpreter that the module is for.
 * @throws LatchkeyError `missing-file` when the interpreter does not run or has no such library beside it.
 */
export async function pythonLibrary(python: string, options: CommandOptions): Promise<string> {
  const question =
    'import sysconfig as s; print("\\n".join(s.get_config_var(n) or "" for n in ("LIBDIR", "MULTIARCH", "INSTSONAME")))';
  const answer = await runCommand(python, ['-c', question], options);
  const [folder = '', multiarch = '', name = ''] = answer.stdout.split('\n').map((line) => line.trim());
  // Debian and Ubuntu keep it in the folder of the processor.
  const found = [join(folder, name), join(folder, multiarch, name)].find((path) => existsSync(path));
  if (answer.ok && /^libpython.*\.so/.test(name) && found !== undefined) return found;
  throw new LatchkeyError(
    'missing-file',
    'This TensorFlow keeps its library inside its Python module, which needs Python’s own library too, and ' +
      `"${python}" has no ${name.includes('.so') ? name : 'shared one'}. Install it (on Ubuntu "apt-get install ` +
      `libpython3.6" for Python 3.6), or name another interpreter of the same version with --python.`,
  );
}
