return { edit, withdraw, report, thinksAgain };
};
