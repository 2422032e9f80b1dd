package child

// GetTermios is getTermios for the tests.
const GetTermios = getTermios
