import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pythonLibrary } from './python-library.ts';
import { tensorflowIn, tensorflowOfPython } from './tensorflow-library.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-tensorflow-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The beginning of a shared library for a processor (`e_machine`). */
function elf(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(machine, 18);
  return header;
}

const mine = process.arch === 'arm64' ? 183 : 62;
const another = process.arch === 'arm64' ? 62 : 183;

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** What a wheel of TensorFlow has, below `at`. */
async function wheel(at: string, { machine = mine, major = 2 } = {}): Promise<void> {
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    await write(join(at, name), elf(machine));
  await headers(join(at, 'include'), major);
}

async function headers(include: string, major = 2): Promise<void> {
  await write(join(include, 'tensorflow/c/c_api.h'), '');
  await write(join(include, 'tensorflow/c/eager/c_api.h'), '');
  const version = `#define TF_MAJOR_VERSION ${major}\n#define TF_MINOR_VERSION 15\n#define TF_PATCH_VERSION 1\n`;
  await write(join(include, 'tensorflow/core/public/version.h'), version);
}

describe('tensorflowIn', () => {
  it.each([
    ['the package itself', 'site-packages/tensorflow', 'site-packages/tensorflow'],
    ['a folder with the package in it', 'target/tensorflow', 'target'],
  ])('finds libraries, headers and version in %s', async (_, at, given) => {
    await wheel(at);
    expect(await tensorflowIn(join(folder, given))).toEqual({
      library: join(folder, at, 'libtensorflow_cc.so.2'),
      isPythonModule: false,
      framework: join(folder, at, 'libtensorflow_framework.so.2'),
      include: join(folder, at, 'include'),
      version: '2.15.1',
    });
  });

  it('takes the Python module of a package that has no library of its own, and one that has in preference', async () => {
    await wheel('.');
    expect(await tensorflowIn(folder)).toMatchObject({ isPythonModule: false });
    await write('python/_pywrap_tensorflow_internal.so', elf(mine));
    expect(await tensorflowIn(folder)).toMatchObject({ isPythonModule: false });
    await rm(join(folder, 'libtensorflow_cc.so.2'));
    const library = join(folder, 'python', '_pywrap_tensorflow_internal.so');
    expect(await tensorflowIn(folder)).toMatchObject({ library, isPythonModule: true });
  });

  it('finds an unpacked C library', async () => {
    for (const name of ['libtensorflow.so.2', 'libtensorflow_framework.so.2'])
      await write(join('lib', name), elf(mine));
    await headers('include');
    expect(await tensorflowIn(folder)).toMatchObject({ library: join(folder, 'lib', 'libtensorflow.so.2') });
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'a folder without it',
      async () => undefined,
      /has no libtensorflow_cc\.so\.2 or libtensorflow\.so\.2.*pip install/,
    ],
    [
      'libraries without headers',
      async () => {
        await wheel('.');
        await rm(join(folder, 'include'), { recursive: true });
      },
      /not its headers/,
    ],
  ])('names what is missing: %s', async (_, arrange, message) => {
    await arrange();
    const found = tensorflowIn(folder);
    await expect(found).rejects.toMatchObject({ code: 'missing-file' });
    await expect(found).rejects.toThrow(message);
  });

  it('refuses a folder that is not there', async () => {
    await expect(tensorflowIn(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'missing-file' });
  });

  it.each<[string, { machine?: number; major?: number }, RegExp]>([
    ['another processor', { machine: another }, /another processor/],
    ['another major version', { major: 1 }, /is TensorFlow 1\.15\.1; tfjs-node needs 2\.x/],
  ])('refuses one of %s', async (_, options, message) => {
    await wheel('.', options);
    const found = tensorflowIn(folder);
    await expect(found).rejects.toMatchObject({ code: 'engine-unavailable' });
    await expect(found).rejects.toThrow(message);
  });

  it('refuses a file that is no library', async () => {
    await wheel('.');
    await write('libtensorflow_cc.so.2', 'no library');
    await expect(tensorflowIn(folder)).rejects.toThrow(/no library of Linux/);
  });
});

describe('tensorflowOfPython', () => {
  const options = { env: {}, signal: new AbortController().signal };

  it('takes the package that the interpreter names', async () => {
    await wheel('tensorflow');
    await write('python', `#!/bin/sh\necho "${join(folder, 'tensorflow')}"\n`);
    const found = await tensorflowOfPython(await executable('python'), options);
    expect(found.library).toBe(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'));
  });

  it('says how to get one when the interpreter has none, or when there is no interpreter', async () => {
    await write('python', '#!/bin/sh\necho\n');
    const none = tensorflowOfPython(await executable('python'), options);
    await expect(none).rejects.toThrow(/has no package tensorflow.*pip install/);
    const absent = tensorflowOfPython(join(folder, 'nothing'), options);
    await expect(absent).rejects.toMatchObject({ code: 'missing-file' });
  });

  it('finds Python’s own library beside the interpreter, also in Debian’s folder of the processor, or says what to install', async () => {
    const python = async (...lines: string[]): Promise<string> => {
      await write('python', `#!/bin/sh\nprintf '${lines.join('\\n')}\\n'\n`);
      return executable('python');
    };
    await write('lib/libpython3.9.so.1.0', '');
    await write('usr/aarch64-linux-gnu/libpython3.6m.so.1.0', '');
    const [lib, usr] = [join(folder, 'lib'), join(folder, 'usr')];
    expect(await pythonLibrary(await python(lib, '', 'libpython3.9.so.1.0'), options)).toBe(
      join(lib, 'libpython3.9.so.1.0'),
    );
    expect(await pythonLibrary(await python(usr, 'aarch64-linux-gnu', 'libpython3.6m.so.1.0'), options)).toBe(
      join(usr, 'aarch64-linux-gnu', 'libpython3.6m.so.1.0'),
    );
    for (const name of ['libpython3.9.a', 'libpython3.8.so.1.0', '']) {
      const found = pythonLibrary(await python(lib, '', name), options);
      await expect(found).rejects.toThrow(/apt-get install libpython/);
      await expect(found).rejects.toMatchObject({ code: 'missing-file' });
    }
  });

  async function executable(name: string): Promise<string> {
    const { chmod } = await import('node:fs/promises');
    await chmod(join(folder, name), 0o755);
    return join(folder, name);
  }
});
