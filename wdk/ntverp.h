/*
 * The version of the kit, for resource scripts and for drivers that print it. Definitions that are
 * there already stay.
 */
#ifndef WDK_NTVERP_H
#define WDK_NTVERP_H

#ifndef VER_PRODUCTBUILD
#define VER_PRODUCTBUILD 22621
#endif
#ifndef VER_PRODUCTBUILD_QFE
#define VER_PRODUCTBUILD_QFE 1
#endif
#ifndef VER_PRODUCTMAJORVERSION
#define VER_PRODUCTMAJORVERSION 10
#endif
#ifndef VER_PRODUCTMINORVERSION
#define VER_PRODUCTMINORVERSION 0
#endif

#define VER_PRODUCTMAJORVERSION2       10
#define VER_PRODUCTMINORVERSION2       0
#define VER_PRODUCTMAJORVERSION_STRING "10"
#define VER_PRODUCTMINORVERSION_STRING "0"
#define VER_PRODUCTVERSION_STRING      VER_PRODUCTMAJORVERSION_STRING "." VER_PRODUCTMINORVERSION_STRING
#define VER_PRODUCTVERSION                                                                         \
    VER_PRODUCTMAJORVERSION, VER_PRODUCTMINORVERSION, VER_PRODUCTBUILD, VER_PRODUCTBUILD_QFE
#define VER_PRODUCTVERSION_W  (0x0A00)
#define VER_PRODUCTVERSION_DW (0x0A000000 | VER_PRODUCTBUILD)
#define VER_PRODUCTBETA_STR   ""
#ifndef VER_PRODUCTVERSION_STR
#define WDK_VERSION_TEXT2(n) #n
#define WDK_VERSION_TEXT(n)  WDK_VERSION_TEXT2(n)
#define VER_PRODUCTVERSION_STR                                                                     \
    VER_PRODUCTVERSION_STRING                                                                      \
    "." WDK_VERSION_TEXT(VER_PRODUCTBUILD) "." WDK_VERSION_TEXT(VER_PRODUCTBUILD_QFE)
#endif

#ifndef VER_COMPANYNAME_STR
#define VER_COMPANYNAME_STR "Provider"
#endif
#ifndef VER_PRODUCTNAME_STR
#define VER_PRODUCTNAME_STR "Driver"
#endif
#ifndef VER_LEGALTRADEMARKS_STR
#define VER_LEGALTRADEMARKS_STR ""
#endif
#ifndef VER_FILEFLAGSMASK
#define VER_FILEFLAGSMASK 0x3F
#endif
#ifndef VER_FILEFLAGS
#define VER_FILEFLAGS 0
#endif
#ifndef VER_FILEOS
#define VER_FILEOS 0x00040004
#endif

#endif
