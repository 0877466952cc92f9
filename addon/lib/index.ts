export { native } from './binding.js';
export { twinPath } from './twin-path.js';
