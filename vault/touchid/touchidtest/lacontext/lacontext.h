void la_behave(int how);
void la_state(int *alive, int *ended, long *policy, char *words, int size);
