package appkit

import "C" // so that own.m may be here
