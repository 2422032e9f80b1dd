#include <stdint.h>
#include <stddef.h>

void nxmac_watch(void);
int nxmac_screen(void); // 0 ours and unlocked, 1 locked or another user's, -1 cannot be told
int nxmac_board_put(const void *text, size_t bytes, long *count);
long nxmac_board_count(void);
long nxmac_login_status(void);
char *nxmac_login_set(int on); // NULL, or what macOS says against it, to be freed
void nxmac_main(uint64_t number);
