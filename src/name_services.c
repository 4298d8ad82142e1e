/* Names of hosts and users come from files and DNS alone, as in the programs that people come from.
 *
 * A program that has the C library in itself must not load modules of another one, and a system may name such modules in
 * /etc/nsswitch.conf. Files and DNS are parts of the C library since version 2.34; an older one is not linked statically.
 */
#include <features.h>
#include <nss.h>

#if !defined(__GLIBC__) || !__GLIBC_PREREQ(2, 34)
#error "this C library loads modules for files and DNS too"
#endif

__attribute__((constructor)) static void use_files_and_dns(void) {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("services", "files");
}
