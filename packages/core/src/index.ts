export { RscError, exitCodeOf, type RscErrorCode } from './errors.js';
export * from './protocol/limits.js';
