# cmake -D in=… -D out=… -P: writes a program as a C++ raw string literal.
file(READ ${in} text)
file(WRITE ${out} "R\"efql(${text})efql\"\n")
