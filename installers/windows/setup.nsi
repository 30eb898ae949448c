; setup.exe and its uninstaller. setup.go says which names are defined, texts.nsh
; has the words in all languages.
;
; Every program is started by its whole path in quotes, from folders that only
; administrators may change. What is done and said is kept in setup.log there: in a
; silent installation nobody sees it.

Unicode true
Target amd64-unicode
SetCompressor ${COMPRESSOR}
CRCCheck force
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel admin

!include MUI2.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include signing.nsh

Name "${PRODUCT}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\${FOLDER}"
BrandingText "${PRODUCT} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey /LANG=0 "ProductName" "${PRODUCT}"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "${PRODUCT}: setup"
VIAddVersionKey /LANG=0 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=0 "LegalCopyright" "Copyright (c) ${PUBLISHER}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_WELCOMEPAGE_TEXT "$(textWelcome)"
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_FUNCTION startWindow
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

; The first is for everybody whose language is none of these.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "Japanese"
!include texts.nsh

Var options ; of muvpnd package configure
Var ran     ; 1: so did the service before
Var keep    ; 1: what the service has stored stays
Var failed  ; the exit code of what run has run, and
Var said    ; what that has said

; fail says why, and ends. In a silent installation setup.log does.
!macro fail text
	StrCpy $said "${text}"
	Call ${un}note
	MessageBox MB_OK|MB_ICONSTOP "${text}" /SD IDOK
	SetErrorLevel 2
	Quit
!macroend

; run runs a command, which names its program by its whole path in quotes.
!macro run command
	nsExec::ExecToStack '${command}'
	Pop $failed
	Pop $said
	Call ${un}note
!macroend

; away removes a file from the folder.
!macro away file
	Push "${file}"
	Call ${un}away
!macroend

; What the installer and the uninstaller both do: to NSIS they are two programs.
!macro both un
	; init fixes what nobody is to choose: the folder (no /D=), the registry of 64
	; bits, and the Start menu of all users.
	Function ${un}init
		SetRegView 64
		StrCpy $INSTDIR "$PROGRAMFILES64\${FOLDER}"
		; Run as the system, an older NSIS makes the folder of what it loads where every
		; user may have made it before (CVE-2025-43715, CVE-2026-42171). Nothing is loaded
		; before this, nor to find out: the system's own folders are in that of Windows.
		!if ${NSIS_PACKEDVERSION} < 0x0300C000
			StrLen $0 $WINDIR
			StrCpy $0 $LOCALAPPDATA $0
			${If} $0 == $WINDIR
				!insertmacro fail "$(textSystem)"
			${EndIf}
		!endif
		SetShellVarContext all
		UserInfo::GetAccountType
		Pop $0
		${If} $0 != "Admin"
			!insertmacro fail "$(textAdmin)"
		${EndIf}
	FunctionEnd

	; note adds what was said to the log.
	Function ${un}note
		${If} ${FileExists} "$INSTDIR\*.*"
			FileOpen $0 "$INSTDIR\setup.log" a
			FileSeek $0 0 END
			FileWriteUTF16LE /BOM $0 "$said$\r$\n"
			FileClose $0
		${EndIf}
	FunctionEnd

	; closeWindows ends window and tray of whoever is logged on.
	Function ${un}closeWindows
		!insertmacro run '"$SYSDIR\taskkill.exe" /f /im ${WINDOW}'
	FunctionEnd

	; away removes a file, whose name is on the stack. One that is open goes with the next
	; start of the computer, by another name: by its own, what is installed until then
	; would go, too.
	Function ${un}away
		Exch $1
		Push $2
		Delete "$INSTDIR\$1"
		${If} ${FileExists} "$INSTDIR\$1"
			StrCpy $2 1
			${DoWhile} ${FileExists} "$INSTDIR\$1.$2"
				IntOp $2 $2 + 1
			${Loop}
			Rename "$INSTDIR\$1" "$INSTDIR\$1.$2"
			Delete /REBOOTOK "$INSTDIR\$1.$2"
		${EndIf}
		Pop $2
		Pop $1
	FunctionEnd

	; entered sets $0 to what the service manager runs; empty: it has no such service.
	Function ${un}entered
		ReadRegStr $0 HKLM "System\CurrentControlSet\Services\${SERVICE}" "ImagePath"
	FunctionEnd

	; freed removes a program, whose name is on the stack, for which its processes
	; have ended or will within seconds. $0 is 1 if it is still there.
	Function ${un}freed
		Exch $1
		Push $2
		StrCpy $2 40
		${Do}
			ClearErrors
			Delete "$INSTDIR\$1"
			StrCpy $0 0
			${If} ${Errors}
				StrCpy $0 1
			${EndIf}
			${If} $0 = 0
				${Break}
			${EndIf}
			Sleep 500
			IntOp $2 $2 - 1
		${LoopUntil} $2 = 0
		Pop $2
		Pop $1
	FunctionEnd
!macroend
!define un ""
!insertmacro both ""
!undef un
!define un "un."
!insertmacro both "un."
!undef un

!define un ""

Function .onInit
	Call init
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/LANG=" $0 ; as Windows numbers them
	${IfNot} ${Errors}
		StrCpy $LANGUAGE $0
	${EndIf}
	${IfNot} ${AtLeastWin10}
		!insertmacro fail "$(textWindows)"
	${EndIf}
	; An MSI would neither know what we change nor let itself be removed afterwards.
	System::Call 'msi::MsiEnumRelatedProductsW(w "${UPGRADECODE}", i 0, i 0, w .r0) i .r2'
	${If} $2 = 0
		!insertmacro fail "$(textMSI)"
	${EndIf}
	; What a newer version has stored an older one may not understand.
	${GetFileVersion} "$INSTDIR\muvpnd.exe" $0
	${VersionCompare} "$0" "${NUMBERS}" $0
	${If} $0 = 1
		!insertmacro fail "$(textNewer)"
	${EndIf}
	Call readOptions
FunctionEnd

; option hands one of ours on to muvpnd, which has its own name for it. A file is
; named by its whole path: of a relative one nobody could say where it is.
!macro option ours its
	ClearErrors
	${GetOptions} $1 "${ours}" $0
	${IfNot} ${Errors}
		StrCpy $2 $0 2
		StrCpy $3 $0 1 1
		${If} $2 != "\\"
		${AndIf} $3 != ":"
			!insertmacro fail "$(textPath) ${ours}$0"
		${EndIf}
		StrCpy $options '$options ${its} "$0"'
	${EndIf}
!macroend

; readOptions reads the options in $1.
Function readOptions
	!insertmacro option "/SIGNERS=" "--signers"
	!insertmacro option "/PROFILE=" "--profile"
	!insertmacro option "/PASSPHRASEFILE=" "--passphrase-file"
	ClearErrors
	${GetOptions} $1 "/ATLOGIN=" $0
	${If} $0 == "1"
	${AndIfNot} ${Errors}
		StrCpy $options "$options --at-login"
	${EndIf}
FunctionEnd

; makeWay stops what runs of an earlier version, and removes its programs. The
; service stays entered, so that an armed kill switch stays armed.
Function makeWay
	Call closeWindows
	${If} ${FileExists} "$INSTDIR\muvpnd.exe"
		Call entered
		${If} $0 != ""
			!insertmacro run '"$INSTDIR\muvpnd.exe" status'
			${If} $failed = 0
				StrCpy $ran 1
			${EndIf}
			!insertmacro run '"$INSTDIR\muvpnd.exe" package note' ; what is connected: package configure connects it again
			!insertmacro run '"$INSTDIR\muvpnd.exe" stop'
		${EndIf}
		Push "muvpnd.exe"
		Call freed
		${If} $0 = 1
			!insertmacro fail "$(textRunning)"
		${EndIf}
	${EndIf}
	!insertmacro away "muvpn.exe" ; it may be open in a terminal
	Push "${WINDOW}"
	Call freed
FunctionEnd

; enterProfiles says how a profile is opened (product.go says when it is not ours).
Function enterProfiles
	WriteRegStr HKLM "${CLASSES}\${PROGID}" "" "${PROFILEKIND}"
	WriteRegStr HKLM "${CLASSES}\${PROGID}\DefaultIcon" "" '"$INSTDIR\${WINDOW}",0'
	WriteRegStr HKLM "${CLASSES}\${PROGID}\shell\open\command" "" '"$INSTDIR\${WINDOW}" "%1"'
	WriteRegStr HKLM "${CLASSES}\${EXTENSION}\OpenWithProgids" "${PROGID}" ""
	ReadRegStr $0 HKLM "${CLASSES}\${EXTENSION}" ""
	${If} $0 == ""
		WriteRegStr HKLM "${CLASSES}\${EXTENSION}" "" "${PROGID}"
		WriteRegStr HKLM "${CLASSES}\${EXTENSION}" "Content Type" "${CONTENTTYPE}"
	${EndIf}
	${RefreshShellIcons}
FunctionEnd

; enterRemoval makes the entry among the programs that can be removed.
Function enterRemoval
	WriteUninstaller "$INSTDIR\uninstall.exe"
	WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "${PRODUCT}"
	WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKLM "${UNINSTALL}" "DisplayIcon" '"$INSTDIR\${WINDOW}",0'
	WriteRegStr HKLM "${UNINSTALL}" "Publisher" "${PUBLISHER}"
	WriteRegStr HKLM "${UNINSTALL}" "InstallLocation" "$INSTDIR"
	WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD HKLM "${UNINSTALL}" "EstimatedSize" ${SIZE}
	WriteRegDWORD HKLM "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKLM "${UNINSTALL}" "NoRepair" 1
FunctionEnd

Section
	SetOutPath "$INSTDIR"
	StrCpy $said "${PRODUCT} ${VERSION}"
	Call note
	Call makeWay
	ClearErrors
	File "${STAGE}/*.*"
	${If} ${Errors}
		!insertmacro fail "$(textFailed)"
	${EndIf}
	Call enterRemoval
	Call enterProfiles
	CreateShortcut "$SMPROGRAMS\${SHORTCUT}" "$INSTDIR\${WINDOW}"
	!insertmacro run '"$INSTDIR\muvpnd.exe" package configure$options'
	${If} $failed != 0
		StrCpy $1 $said
		${If} $ran = 1 ; whatever was to be set up besides: nobody is to be left without
			!insertmacro run '"$INSTDIR\muvpnd.exe" start'
		${EndIf}
		!insertmacro fail "$(textFailed)$\r$\n$\r$\n$1"
	${EndIf}
SectionEnd

; startWindow starts it with the rights of whoever sits here, which are the
; desktop's, and not ours.
Function startWindow
	Exec '"$WINDIR\explorer.exe" "$INSTDIR\${WINDOW}"'
FunctionEnd

!undef un
!define un "un."

Function un.onInit
	Call un.init
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/KEEP" $0
	${IfNot} ${Errors}
		StrCpy $keep 1
	${EndIf}
FunctionEnd

; un.leaveService takes the service away, what starts at login, and what the service
; has stored unless that is to stay. It refuses while a kill switch is armed: nobody could lift that afterwards.
Function un.leaveService
	${If} $keep != 1
		MessageBox MB_YESNO|MB_ICONQUESTION "$(textKeep)" /SD IDNO IDNO remove
		StrCpy $keep 1
		remove:
	${EndIf}
	!insertmacro run '"$INSTDIR\muvpnd.exe" package leave'
	${If} $failed = 0
		Call un.entered
		${If} $keep != 1
			!insertmacro run '"$INSTDIR\muvpnd.exe" uninstall --purge'
		${ElseIf} $0 != ""
			!insertmacro run '"$INSTDIR\muvpnd.exe" uninstall'
		${EndIf}
	${EndIf}
	${If} $failed != 0
		!insertmacro fail "$(textFailed)$\r$\n$\r$\n$said"
	${EndIf}
FunctionEnd

Section Uninstall
	Call un.leaveService
	Call un.closeWindows
	Push "muvpnd.exe"
	Call un.freed
	Push "${WINDOW}"
	Call un.freed
	DeleteRegKey HKLM "${CLASSES}\${PROGID}"
	DeleteRegValue HKLM "${CLASSES}\${EXTENSION}\OpenWithProgids" "${PROGID}"
	DeleteRegKey /ifempty HKLM "${CLASSES}\${EXTENSION}\OpenWithProgids"
	ReadRegStr $0 HKLM "${CLASSES}\${EXTENSION}" ""
	${If} $0 == "${PROGID}"
		DeleteRegValue HKLM "${CLASSES}\${EXTENSION}" ""
		DeleteRegValue HKLM "${CLASSES}\${EXTENSION}" "Content Type"
	${EndIf}
	DeleteRegKey /ifempty HKLM "${CLASSES}\${EXTENSION}"
	DeleteRegKey HKLM "${UNINSTALL}"
	Delete "$SMPROGRAMS\${SHORTCUT}"
	!insertmacro away "muvpn.exe"
	!insertmacro away "muvpnd.exe"
	!insertmacro away "${WINDOW}"
	!insertmacro away "wintun.dll"
	Delete "$INSTDIR\LICENSE.txt"
	Delete "$INSTDIR\wintun-LICENSE.txt"
	Delete "$INSTDIR\setup.log"
	Delete "$INSTDIR\uninstall.exe"
	RMDir /REBOOTOK "$INSTDIR"
	${RefreshShellIcons}
SectionEnd
