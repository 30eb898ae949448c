/* The one custom action of the MSI: it runs a command and writes what that says
 * into the log of the installation. Windows Installer itself would run a command,
 * too, but nobody would ever learn why it has failed.
 *
 * The command is in CustomActionData: muvpn.wxs writes it, and it names its program
 * by its whole path in quotes. It runs as the system. */

#include <windows.h>
#include <msi.h>
#include <msiquery.h>

#define LENGTH 8192 /* of a command, and of what is kept of its last words */

/* tell writes a text into the log; as an error it is shown, too, where there is
 * somebody to see it. */
static void tell(MSIHANDLE install, INSTALLMESSAGE kind, const wchar_t *text)
{
	MSIHANDLE record = MsiCreateRecord(1);
	MsiRecordSetStringW(record, 0, L"[1]");
	MsiRecordSetStringW(record, 1, text);
	MsiProcessMessage(install, kind, record);
	MsiCloseHandle(record);
}

/* line tells one line, which is UTF-8, and keeps it in last. */
static void line(MSIHANDLE install, const char *text, int length, wchar_t *last)
{
	while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n'))
		length--;
	if (length == 0)
		return;
	int n = MultiByteToWideChar(CP_UTF8, 0, text, length, last, LENGTH - 1);
	last[n] = 0;
	tell(install, INSTALLMESSAGE_INFO, last);
}

/* lines tells what comes out of the pipe until it ends. */
static void lines(MSIHANDLE install, HANDLE pipe, wchar_t *last)
{
	static char text[LENGTH];
	DWORD have = 0, got;
	while (ReadFile(pipe, text + have, sizeof text - have, &got, NULL) && got > 0) {
		have += got;
		DWORD begin = 0;
		for (DWORD i = 0; i < have; i++) {
			if (text[i] == '\n') {
				line(install, text + begin, i - begin, last);
				begin = i + 1;
			}
		}
		if (begin == 0 && have == sizeof text) { /* a line as long as all of it */
			line(install, text, have, last);
			begin = have;
		}
		MoveMemory(text, text + begin, have - begin);
		have -= begin;
	}
	line(install, text, have, last);
}

/* run runs the command, and returns its exit code. */
static DWORD run(MSIHANDLE install, wchar_t *command, wchar_t *last)
{
	SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
	STARTUPINFOW start = {0};
	PROCESS_INFORMATION process;
	HANDLE ours, its;
	DWORD code = ERROR_INSTALL_FAILURE;
	if (!CreatePipe(&ours, &its, &inherited, 0))
		return code;
	SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0);
	start.cb = sizeof start;
	start.dwFlags = STARTF_USESTDHANDLES;
	start.hStdOutput = start.hStdError = its;
	BOOL runs = CreateProcessW(NULL, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &process);
	CloseHandle(its);
	if (runs) {
		lines(install, ours, last);
		WaitForSingleObject(process.hProcess, INFINITE);
		GetExitCodeProcess(process.hProcess, &code);
		CloseHandle(process.hThread);
		CloseHandle(process.hProcess);
	}
	CloseHandle(ours);
	return code;
}

__declspec(dllexport) UINT __stdcall Run(MSIHANDLE install)
{
	static wchar_t command[LENGTH], last[LENGTH] = L"muvpnd.exe could not be run, or said nothing.";
	DWORD length = LENGTH;
	if (MsiGetPropertyW(install, L"CustomActionData", command, &length) != ERROR_SUCCESS || command[0] != L'"') {
		tell(install, INSTALLMESSAGE_ERROR, L"There is no command, or its program is not in quotes.");
		return ERROR_INSTALL_FAILURE;
	}
	if (run(install, command, last) == 0)
		return ERROR_SUCCESS;
	tell(install, INSTALLMESSAGE_ERROR, last);
	return ERROR_INSTALL_FAILURE;
}
