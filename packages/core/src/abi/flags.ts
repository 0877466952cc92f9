export type FlagSet = 'O_' | 'AT_' | 'F_' | 'CLONE_' | 'MAP_' | 'PROT_' | 'LOCK_' | 'SEEK_' | 'ioctl';
