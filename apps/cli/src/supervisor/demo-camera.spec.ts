import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { demoCameraFolder, fillDemoCamera } from './demo-camera.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-camera-'));
  mkdirSync(join(root, 'package'));
  for (const name of ['sample1.jpg', 'sample2.jpg', 'screenshot.png', 'index.js']) {
    writeFileSync(join(root, 'package', name), name);
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it('plays the photographs of the package, and what a user adds', () => {
  fillDemoCamera(root, join(root, 'package'));
  const folder = demoCameraFolder(root);
  writeFileSync(join(folder, 'me.jpg'), 'me');
  fillDemoCamera(root, join(root, 'package'));
  expect(readdirSync(folder)).toEqual(['me.jpg', 'sample1.jpg', 'sample2.jpg']);
});

it('finds the package again when the checkout was moved', () => {
  fillDemoCamera(root, join(root, 'package'));
  renameSync(join(root, 'package'), join(root, 'moved'));
  fillDemoCamera(root, join(root, 'moved'));
  expect(readFileSync(join(demoCameraFolder(root), 'sample1.jpg'), 'utf8')).toBe('sample1.jpg');
});
