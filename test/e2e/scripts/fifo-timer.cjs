// Reads a FIFO while timers run: by the loop's epoll and by its thread pool; and watches a file.
const fs = require('node:fs');
const net = require('node:net');
const { setTimeout } = require('node:timers');

const { O_RDWR, O_NONBLOCK } = fs.constants;

/** Writes `count` times, by a timer. */
function writeLater(fd, count) {
  if (count === 0) return;
  setTimeout(() => {
    fs.writeSync(fd, `tick ${count}\n`);
    writeLater(fd, count - 1);
  }, 20);
}

function read(stream, wanted) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (piece) => {
      text += piece;
      if (text.length < wanted) return;
      stream.destroy();
      resolve(text);
    });
  });
}

async function main() {
  const fifo = fs.openSync('fifo', O_RDWR | O_NONBLOCK);
  writeLater(fifo, 3);
  console.log(
    'by the loop',
    await read(new net.Socket({ fd: fs.openSync('fifo', O_RDWR | O_NONBLOCK) }), 21),
  );
  writeLater(fifo, 2);
  console.log('by a thread', await read(fs.createReadStream('fifo'), 14));
  const watched = new Promise((resolve) => {
    const watcher = fs.watch('notes.txt', (kind, name) => {
      watcher.close();
      resolve([kind, name]);
    });
  });
  setTimeout(() => fs.appendFileSync('notes.txt', 'more'), 20);
  console.log('watched', await watched);
}

void main();
