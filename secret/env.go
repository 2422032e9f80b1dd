package secret

import (
	"fmt"
	"slices"
	"strings"
)

// Env returns the environment variable that carries n: its last segment, or for
// a login the host and the part, such as GITHUB_COM_PASSWORD (zsh keeps USERNAME
// for itself, so a bare one would silently not arrive). The error has code
// Invalid when the last segment is not a name that a shell can assign.
func (n Name) Env() (string, error) {
	if host, ok := n.Login(); ok {
		v := envHost(host) + "_" + n.Key()
		if v[0] >= '0' && v[0] <= '9' {
			v = "LOGIN_" + v
		}
		return v, nil
	}
	v := n.Key()
	if !ValidEnv(v) {
		return "", Errorf(Invalid, "%s is not a name a program can use as a variable: letters, digits and underscore, not starting with a digit", v)
	}
	return v, nil
}

func envHost(host string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(host))
}

// ValidEnv reports whether v is a name in the sense of POSIX (XBD 3.216).
func ValidEnv(v string) bool {
	if v == "" || v[0] >= '0' && v[0] <= '9' {
		return false
	}
	for i := 0; i < len(v); i++ {
		if !alnum(v[i]) && v[i] != '_' {
			return false
		}
	}
	return true
}

// Envs returns the variable of each name, in order. Two names that would give
// one variable are an error with code Conflict that names both; a name that no
// variable can carry is one with code Invalid.
func Envs(names []Name) ([]string, error) {
	vars := make([]string, len(names))
	owner := make(map[string]Name, len(names))
	for i, n := range names {
		v, err := n.Env()
		if err != nil {
			return nil, err
		}
		if other, taken := owner[v]; taken && other != n {
			return nil, &Error{Code: Conflict, Names: []Name{other, n},
				Msg: fmt.Sprintf("%s and %s would both be the variable %s", other, n, v)}
		}
		owner[v], vars[i] = n, v
	}
	return vars, nil
}

// ReservedEnv reports whether v is a variable that shells own or that changes
// how programs run. A secret of that name would break a shell or run code, so it
// is refused on the way in and, for vaults from elsewhere, on the way out.
func ReservedEnv(v string) bool {
	u := strings.ToUpper(v)
	return slices.Contains(reserved, u) || slices.ContainsFunc(reservedPrefixes, func(p string) bool {
		return strings.HasPrefix(u, p)
	})
}

// reservedPrefixes: every variable that starts so is refused.
var reservedPrefixes = []string{
	"LD_", "DYLD_", // the dynamic linker: which code a program loads
	"BASH_",       // bash's own state, and functions that it imports from the environment
	"MALLOC_",     // allocator behaviour of macOS
	"LC_", "ZSH_", // locale; zsh's own state
	"NOXKEY_",                    // ours: a secret must not pose as a setting of this program
	"GIT_CONFIG_", "NPM_CONFIG_", // settings one by one, of which some name programs
	"GIT_TRACE",                         // writes what git does, credentials too, to any file
	"LUA_INIT", "LUA_PATH", "LUA_CPATH", // also with a version behind
	"CGO_", "CORECLR_", "COR_", // compilers' arguments; libraries that .NET loads
}

// reserved: ksh and zsh evaluate what is assigned to their integer variables (LINES
// and the like), so that a value would be run as arithmetic and shown in its error.
// The list is compared in upper case, so that zsh's lower-case twins (path,
// status, argv) fall under it too.
var reserved = strings.Fields(`
	PATH IFS PS0 PS1 PS2 PS3 PS4 ENV BASH_ENV CDPATH GLOBIGNORE SHELLOPTS BASHOPTS FPATH MANPATH
	PROMPT PROMPT_COMMAND RPROMPT RPS1 PPID PWD OLDPWD HOME SHELL TERM TERMINFO TMPDIR TEMP TMP LANG LANGUAGE LOCPATH NLSPATH
	UID EUID GID EGID USERNAME USER LOGNAME STATUS PIPESTATUS ARGV ARGV0 RANDOM SECONDS LINENO OPTARG OPTIND OPTERR
	HISTFILE HISTCMD HISTSIZE HISTCONTROL SAVEHIST FUNCNAME FUNCNEST DIRSTACK GROUPS HOSTNAME HOSTTYPE MACHTYPE OSTYPE
	SHLVL BASHPID BASH_SOURCE BASH_LINENO BASH_COMMAND BASH_SUBSHELL BASH_VERSION BASH_VERSINFO BASH_REMATCH BASH_ARGC BASH_ARGV
	BASH_XTRACEFD BASH_COMPAT BASH_LOADABLES_PATH BASH_ALIASES BASH_CMDS COMPREPLY COMP_WORDS REPLY ERRNO EPOCHSECONDS EPOCHREALTIME SRANDOM
	ZDOTDIR ZLE_LINE_ABORTED ZSHENV KEYTIMEOUT MODULE_PATH NULLCMD READNULLCMD SPROMPT TRY_BLOCK_ERROR TTYIDLE WATCH WORDCHARS
	NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED DENO_DIR BUN_OPTIONS ELECTRON_RUN_AS_NODE
	PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PYTHONEXECUTABLE PYTHONUSERBASE PYTHONWARNINGS PYTHONBREAKPOINT VIRTUAL_ENV
	PERL5LIB PERLLIB PERL5OPT PERL5DB RUBYOPT RUBYLIB GEM_PATH GEM_HOME BUNDLE_GEMFILE
	JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH MAVEN_OPTS GRADLE_OPTS PHPRC PHP_INI_SCAN_DIR LUA_PATH LUA_CPATH LUA_INIT
	GOFLAGS GOPATH GOROOT GOTOOLCHAIN GOPROXY GONOSUMDB GODEBUG GOENV RUSTC_WRAPPER RUSTFLAGS CARGO_HOME
	GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_EDITOR GIT_ASKPASS GIT_PAGER GIT_DIR GIT_WORK_TREE GIT_TEMPLATE_DIR GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND GIT_SEQUENCE_EDITOR
	SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS EDITOR VISUAL PAGER MANPAGER LESSOPEN LESSCLOSE BROWSER XDG_CONFIG_HOME XDG_DATA_HOME XDG_CONFIG_DIRS XDG_DATA_DIRS XDG_RUNTIME_DIR
	HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE CURL_HOME OPENSSL_CONF OPENSSL_MODULES
	DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GCONV_PATH HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_HOST_CONF TZDIR GETCONF_DIR
	MAKEFLAGS MAKEFILES MFLAGS CC CXX CFLAGS CXXFLAGS LDFLAGS CPPFLAGS PKG_CONFIG_PATH LIBRARY_PATH CPATH C_INCLUDE_PATH DOCKER_HOST KUBECONFIG
	LINES COLUMNS ARGC TMOUT JOBMAX LISTMAX LOGCHECK MAILCHECK BAUD DIRSTACKSIZE TRY_BLOCK_INTERRUPT
	FIGNORE HISTCHARS KEYBOARD_HACK MAIL MAILPATH PROMPT2 PROMPT3 PROMPT4 PSVAR POSIXLY_CORRECT IGNOREEOF
	TIMEFORMAT EXECIGNORE INPUTRC FCEDIT HISTEDIT COPROC MAPFILE CHILD_MAX HISTTIMEFORMAT KSH_VERSION TERMCAP TERMINFO_DIRS TZ
	_` + programs)

// programs are variables that a program takes code, options or files with code from, or
// whom to trust. Not among them, though they say where packages come from, are
// PIP_INDEX_URL, UV_INDEX_URL and the like: the address of a private index with its
// password in it is what people keep here.
const programs = `
	GLIBC_TUNABLES LIBC_FATAL_STDERR_ GTK_MODULES GTK_PATH GIO_MODULE_DIR GIO_EXTRA_MODULES QT_PLUGIN_PATH QT_QPA_PLATFORM_PLUGIN_PATH GST_PLUGIN_PATH
	VK_LAYER_PATH VK_ICD_FILENAMES LIBGL_DRIVERS_PATH
	PYTHONCASEOK PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX PIP_CONFIG_FILE PIP_TARGET CONDA_PREFIX
	NODE_REPL_EXTERNAL_MODULE NODE_V8_COVERAGE NODE_ICU_DATA NODE_REDIRECT_WARNINGS TS_NODE_PROJECT YARN_RC_FILENAME YARN_IGNORE_PATH
	PERL5SHELL PERL_MM_OPT PERL_MB_OPT RUBYSHELL JAVA_OPTS JAVA_HOME SBT_OPTS ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ERL_LIBS ELIXIR_ERL_OPTIONS
	R_HOME R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER R_LIBS JULIA_LOAD_PATH JULIA_DEPOT_PATH GUILE_LOAD_PATH TCLLIBPATH AWKPATH AWKLIBPATH
	OCAMLRUNPARAM CAML_LD_LIBRARY_PATH DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS PSMODULEPATH
	GIT_CONFIG GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_NAMESPACE GIT_ATTR_SOURCE GIT_SSL_NO_VERIFY GIT_SSL_CAINFO
	GIT_ALLOW_PROTOCOL GIT_HTTP_PROXY_AUTHMETHOD SSH_ASKPASS_REQUIRE SSH_SK_PROVIDER SUDO_EDITOR CVS_RSH RSYNC_RSH SVN_SSH HGRCPATH
	LESS LESSKEY LESSKEYIN LESSEDIT MANOPT VIMINIT EXINIT MYVIMRC GVIMINIT NVIM_APPNAME EMACSLOADPATH SYSTEMD_PAGER SYSTEMD_EDITOR BAT_PAGER DELTA_PAGER AWS_PAGER
	GH_PAGER PSQL_PAGER PSQL_EDITOR PSQLRC FZF_DEFAULT_COMMAND FZF_DEFAULT_OPTS RIPGREP_CONFIG_PATH TAR_OPTIONS GREP_OPTIONS
	LD AR GCC_EXEC_PREFIX COMPILER_PATH CPLUS_INCLUDE_PATH GNUMAKEFLAGS CMAKE_TOOLCHAIN_FILE CMAKE_PREFIX_PATH CONFIG_SITE CONFIG_SHELL
	GOSUMDB GOINSECURE GOPRIVATE GONOPROXY GONOSUMCHECK GOBIN GOCACHE GOCACHEPROG GOAUTH
	RUSTC RUSTC_WORKSPACE_WRAPPER RUSTDOC RUSTUP_HOME RUSTUP_TOOLCHAIN CARGO_BUILD_RUSTC_WRAPPER CARGO_TARGET_DIR
	AWS_CA_BUNDLE SSLKEYLOGFILE OPENSSL_ENGINES WGETRC FTP_PROXY KRB5_CONFIG KRB5CCNAME GNUPGHOME XDG_CACHE_HOME XDG_STATE_HOME DBUS_SYSTEM_BUS_ADDRESS XAUTHORITY
	DOCKER_CONFIG DOCKER_CONTEXT`
