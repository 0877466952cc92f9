import { makeScene } from './scene';
import { layOut, tableOf } from './table';
import { measureAll, measurePeers } from './workloads';

async function main(): Promise<void> {
  const scene = makeScene();
  try {
    const pinned = await measureAll(scene.root, true);
    const free = await measureAll(scene.root, false);
    console.log(`${tableOf(pinned, free)}\n`);
    console.log('Other tools on the same programs and local files, pinned, times native:\n');
    console.log(layOut(await measurePeers(scene.root)));
  } finally {
    scene.remove();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
