/*
 * load_configuration.c - the load configuration: where the loader finds the security cookie and
 * the tables of control flow guard, which the linker makes (without guard they are empty).
 *
 * Guarded code calls through __guard_dispatch_icall_fptr and __guard_check_icall_fptr. A loader
 * that enforces the guard points them at its own routines; until then every target is good.
 */
__asm__(".text\n"
        ".def __guard_check_icall_nop; .scl 2; .type 32; .endef\n"
        ".p2align 4\n"
        "__guard_check_icall_nop:\n"
        "    ret\n"
        ".def __guard_dispatch_icall_nop; .scl 2; .type 32; .endef\n"
        ".p2align 4\n"
        "__guard_dispatch_icall_nop:\n"
        "    jmpq *%rax\n"

        ".section .00cfg,\"dr\"\n"
        ".p2align 3\n"
        ".globl __guard_check_icall_fptr\n"
        "__guard_check_icall_fptr:\n"
        "    .quad __guard_check_icall_nop\n"
        ".globl __guard_dispatch_icall_fptr\n"
        "__guard_dispatch_icall_fptr:\n"
        "    .quad __guard_dispatch_icall_nop\n"

        ".section .rdata,\"dr\"\n"
        ".p2align 3\n"
        ".globl _load_config_used\n"
        "_load_config_used:\n"
        "    .long 0x118\n"                    /* size of what follows, with this */
        "    .fill 0x54, 1, 0\n"               /* 04h: time stamp to EditList, for programs */
        "    .quad __security_cookie\n"        /* 58h */
        "    .quad 0, 0\n"                     /* 60h: exception handlers of 32-bit images */
        "    .quad __guard_check_icall_fptr\n" /* 70h */
        "    .quad __guard_dispatch_icall_fptr\n"
        "    .quad __guard_fids_table\n" /* 80h */
        "    .quad __guard_fids_count\n"
        "    .long __guard_flags\n"     /* 90h */
        "    .fill 12, 1, 0\n"          /* 94h: code integrity */
        "    .quad __guard_iat_table\n" /* A0h */
        "    .quad __guard_iat_count\n"
        "    .quad __guard_longjmp_table\n" /* B0h */
        "    .quad __guard_longjmp_count\n"
        "    .fill 0x48, 1, 0\n"            /* C0h: dynamic relocations to VolatileMetadata */
        "    .quad __guard_eh_cont_table\n" /* 108h */
        "    .quad __guard_eh_cont_count\n");
