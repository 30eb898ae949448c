; What setup.exe and its uninstaller say besides NSIS' own words, in the languages
; of the window.

LangString textWelcome ${LANG_ENGLISH} "The window, the command line and the service are installed on this computer, for all of its users.$\r$\n$\r$\nIf an earlier version is here, it is replaced. Profiles and settings stay; an open connection is interrupted."
LangString textWelcome ${LANG_GERMAN} "Fenster, Befehlszeile und Dienst werden auf diesem Computer installiert, für alle seine Benutzer.$\r$\n$\r$\nEine frühere Version wird ersetzt. Profile und Einstellungen bleiben; eine offene Verbindung wird unterbrochen."
LangString textWelcome ${LANG_FRENCH} "La fenêtre, la ligne de commande et le service sont installés sur cet ordinateur, pour tous ses utilisateurs.$\r$\n$\r$\nUne version précédente est remplacée. Les profils et les réglages restent ; une connexion ouverte est interrompue."
LangString textWelcome ${LANG_SPANISH} "La ventana, la línea de comandos y el servicio se instalan en este equipo, para todos sus usuarios.$\r$\n$\r$\nUna versión anterior se reemplaza. Los perfiles y los ajustes se conservan; una conexión abierta se interrumpe."
LangString textWelcome ${LANG_JAPANESE} "ウィンドウ、コマンドライン、サービスを、このコンピューターのすべてのユーザー用にインストールします。$\r$\n$\r$\n以前のバージョンは置き換えられます。プロファイルと設定は残り、接続中の場合は一時的に中断されます。"

LangString textAdmin ${LANG_ENGLISH} "This has to be run as an administrator."
LangString textAdmin ${LANG_GERMAN} "Dies muss als Administrator ausgeführt werden."
LangString textAdmin ${LANG_FRENCH} "Ceci doit être exécuté en tant qu’administrateur."
LangString textAdmin ${LANG_SPANISH} "Esto debe ejecutarse como administrador."
LangString textAdmin ${LANG_JAPANESE} "管理者として実行する必要があります。"

LangString textWindows ${LANG_ENGLISH} "Windows 10 or newer is needed. Nothing was changed."
LangString textWindows ${LANG_GERMAN} "Windows 10 oder neuer ist nötig. Es wurde nichts geändert."
LangString textWindows ${LANG_FRENCH} "Windows 10 ou plus récent est nécessaire. Rien n’a été modifié."
LangString textWindows ${LANG_SPANISH} "Se necesita Windows 10 o posterior. No se ha cambiado nada."
LangString textWindows ${LANG_JAPANESE} "Windows 10 以降が必要です。何も変更していません。"

LangString textSystem ${LANG_ENGLISH} "This is for people, and not to be run as the system: the MSI is for that. Nothing was changed."
LangString textSystem ${LANG_GERMAN} "Dies ist für Menschen und nicht als System auszuführen: dafür ist die MSI-Datei da. Es wurde nichts geändert."
LangString textSystem ${LANG_FRENCH} "Ceci est fait pour les personnes et ne s’exécute pas en tant que système : le fichier MSI est là pour cela. Rien n’a été modifié."
LangString textSystem ${LANG_SPANISH} "Esto es para personas y no se ejecuta como el sistema: para eso está el archivo MSI. No se ha cambiado nada."
LangString textSystem ${LANG_JAPANESE} "これは人が実行するためのもので、システムとしては実行できません。その場合は MSI を使用してください。何も変更していません。"

LangString textNewer ${LANG_ENGLISH} "A newer version is installed here. To go back, remove that first. Nothing was changed."
LangString textNewer ${LANG_GERMAN} "Hier ist eine neuere Version installiert. Um zurückzugehen, entfernen Sie sie zuerst. Es wurde nichts geändert."
LangString textNewer ${LANG_FRENCH} "Une version plus récente est installée ici. Pour revenir en arrière, supprimez-la d’abord. Rien n’a été modifié."
LangString textNewer ${LANG_SPANISH} "Aquí hay instalada una versión más reciente. Para volver atrás, quítela primero. No se ha cambiado nada."
LangString textNewer ${LANG_JAPANESE} "新しいバージョンがインストールされています。戻すには、先に削除してください。何も変更していません。"

LangString textMSI ${LANG_ENGLISH} "${PRODUCT} was installed here by an MSI, as administrators do. Upgrade it by an MSI, or remove it first. Nothing was changed."
LangString textMSI ${LANG_GERMAN} "${PRODUCT} wurde hier mit einer MSI-Datei installiert, wie Administratoren es tun. Aktualisieren Sie mit einer MSI-Datei oder entfernen Sie es zuerst. Es wurde nichts geändert."
LangString textMSI ${LANG_FRENCH} "${PRODUCT} a été installé ici par un fichier MSI, comme le font les administrateurs. Mettez-le à jour par un fichier MSI ou supprimez-le d’abord. Rien n’a été modifié."
LangString textMSI ${LANG_SPANISH} "${PRODUCT} se instaló aquí con un archivo MSI, como hacen los administradores. Actualícelo con un archivo MSI o quítelo primero. No se ha cambiado nada."
LangString textMSI ${LANG_JAPANESE} "${PRODUCT} は管理者によって MSI でインストールされています。MSI で更新するか、先に削除してください。何も変更していません。"

LangString textPath ${LANG_ENGLISH} "A file has to be named by its whole path, with its drive:"
LangString textPath ${LANG_GERMAN} "Eine Datei muss mit ihrem ganzen Pfad samt Laufwerk angegeben werden:"
LangString textPath ${LANG_FRENCH} "Un fichier doit être indiqué par son chemin complet, avec le lecteur :"
LangString textPath ${LANG_SPANISH} "Un archivo debe indicarse con su ruta completa, con la unidad:"
LangString textPath ${LANG_JAPANESE} "ファイルはドライブを含む完全なパスで指定してください："

LangString textRunning ${LANG_ENGLISH} "The service of the earlier version does not end. Restart the computer, and run this again."
LangString textRunning ${LANG_GERMAN} "Der Dienst der früheren Version wird nicht beendet. Starten Sie den Computer neu und führen Sie dies noch einmal aus."
LangString textRunning ${LANG_FRENCH} "Le service de la version précédente ne s’arrête pas. Redémarrez l’ordinateur et recommencez."
LangString textRunning ${LANG_SPANISH} "El servicio de la versión anterior no termina. Reinicie el equipo y vuelva a ejecutar esto."
LangString textRunning ${LANG_JAPANESE} "以前のバージョンのサービスが終了しません。コンピューターを再起動して、もう一度実行してください。"

LangString textFailed ${LANG_ENGLISH} "That did not succeed."
LangString textFailed ${LANG_GERMAN} "Das ist nicht gelungen."
LangString textFailed ${LANG_FRENCH} "Cela n’a pas réussi."
LangString textFailed ${LANG_SPANISH} "No se ha podido completar."
LangString textFailed ${LANG_JAPANESE} "完了できませんでした。"

LangString textKeep ${LANG_ENGLISH} "Keep the profiles, their secrets, settings and log on this computer?"
LangString textKeep ${LANG_GERMAN} "Profile, ihre Geheimnisse, Einstellungen und Protokoll auf diesem Computer behalten?"
LangString textKeep ${LANG_FRENCH} "Conserver les profils, leurs secrets, les réglages et le journal sur cet ordinateur ?"
LangString textKeep ${LANG_SPANISH} "¿Conservar en este equipo los perfiles, sus secretos, los ajustes y el registro?"
LangString textKeep ${LANG_JAPANESE} "プロファイル、その秘密情報、設定、ログをこのコンピューターに残しますか？"
