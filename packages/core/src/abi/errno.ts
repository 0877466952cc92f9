export type ErrnoName = 'ENOSYS' | 'EXDEV' | 'EINVAL' | 'EOPNOTSUPP';
