/* The values that the routines with sizes return. */
#ifndef WDK_CRT_ERRNO_H
#define WDK_CRT_ERRNO_H

#define EPERM     1
#define ENOENT    2
#define EIO       5
#define ENOMEM    12
#define EACCES    13
#define EFAULT    14
#define EBUSY     16
#define EEXIST    17
#define ENODEV    19
#define EINVAL    22
#define ENOSPC    28
#define ERANGE    34
#define EILSEQ    42
#define STRUNCATE 80

#ifndef _ERRNO_T_DEFINED
#define _ERRNO_T_DEFINED
typedef int errno_t;
#endif

#endif
