export type StructName = 'stat' | 'flock';
