// Writes and reads a thousand files at once, by the threads that node has for them.
const { mkdir, readdir, readFile, rm, stat, writeFile } = require('node:fs/promises');

async function main() {
  const names = Array.from({ length: 1000 }, (_, number) => `many/${number}`);
  await mkdir('many');
  await Promise.all(names.map((name) => writeFile(name, name.repeat(50))));
  const texts = await Promise.all(names.map((name) => readFile(name, 'utf8')));
  console.log('the same', texts.filter((text, index) => text === names[index].repeat(50)).length);
  const sizes = await Promise.all(names.map(async (name) => (await stat(name)).size));
  console.log(
    'bytes',
    sizes.reduce((sum, size) => sum + size),
  );
  await Promise.all(names.filter((_, index) => index % 3 > 0).map((name) => rm(name)));
  console.log('left', (await readdir('many')).length);
}

void main();
