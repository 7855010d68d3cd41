import { expect, test } from 'vitest';
import { frameMarkup } from '../../web/src/embed/frame.ts';
import { explainFailure } from '../../web/src/state/failure.ts';

test('the markup of a frame is the frame that was asked for, whatever the title is called', () => {
  const address = 'https://site.test/embed.html#qkv=1&words.x=1,1,1,1&at=words';
  const holder = document.createElement('div');
  holder.innerHTML = frameMarkup(address, 'Q & "K"', 900);
  const frame = holder.querySelector('iframe');
  expect(frame?.getAttribute('src')).toBe(address);
  expect(frame?.getAttribute('title')).toBe('Q & "K"');
  expect(frame?.style.height).toBe('900px');
  expect(frame?.style.width).toBe('100%');
  expect(holder.querySelectorAll('*')).toHaveLength(2); // the frame and its lines
});

test('without WebAssembly the message says what to do, and names no variant', () => {
  for (const hasWebAssembly of [true, false]) {
    const { says, advice } = explainFailure(hasWebAssembly);
    expect(`${says} ${advice}`).not.toMatch(/variant|scalar|relaxed|simd|module|Error/i);
  }
  expect(explainFailure(false).says).toContain('does not run WebAssembly');
  expect(explainFailure(true).advice).toContain('load the page again');
});
