package esp

// These are the S-boxes of DES (FIPS 46-3) as logical circuits over six inputs
// and four outputs, first bit first. They are data, not meant to be read: a
// random search found them, which builds each output from gates that are already
// there, or splits it by an input (Kwan, Reducing the Gate Count of Bitslice
// DES, 2000). TestSBoxes compares them with the tables of the standard. Gates on
// one line do not depend on each other.

// sbox1 is S-box 1: 63 gates.
func sbox1(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a1 ^ a4
	t2 := ^t1
	t3 := t2 | a6
	t4 := a3 ^ t3
	t5 := a4 | t4
	t6 := t5 & a6
	t7 := t4 ^ t6
	t8 := t7 & a1
	t9 := t2 ^ t8
	t10 := t9 | a5
	t11 := t4 ^ t10
	t12 := t8 | t11
	t13 := t12 ^ t2
	t14 := t13 & a5
	t15, t16 := t5^t14, t6^t8
	t17 := t16 | a4
	t18 := t15 ^ t17
	t19 := t18 | a2
	t20, t21 := t11^t19, t13|a4
	t22 := t21 & a2
	t23, t24 := t14^t22, t13|t20
	t25 := t24 ^ t4
	t26 := t25 & a1
	t27 := t21 ^ t26
	t28 := t27 | a5
	t29, t30 := t23^t28, a3&t21
	t31, t32 := t30^a1, t3|a5
	t33 := t31 ^ t32
	t34 := t33 & a6
	t35, t36 := t29^t34, a5|t25
	t37, t38 := t36^t1, t14^t3
	t39 := t38 & t20
	t40 := t39 | a6
	t41, t42 := t37^t40, t32^t20
	t43, t44, t45 := t42|a6, t12&t3, t42|a4
	t46 := t44 ^ t45
	t47 := t46 & a5
	t48 := t43 ^ t47
	t49 := t48 | a2
	t50, t51 := t41^t49, t20^t35
	t52, t53 := t51^t41, t51&t20
	t54 := t53 ^ t6
	t55 := t54 & a5
	t56, t57 := t52^t55, ^a6
	t58, t59 := t15|t57, t48|a6
	t60 := t59 & a4
	t61 := t58 ^ t60
	t62 := t61 | a2
	t63 := t56 ^ t62
	return t35, t50, t20, t63
}

// sbox2 is S-box 2: 58 gates.
func sbox2(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1, t2 := a2^a4, ^a3
	t3 := t1 | a4
	t4 := t2 ^ t3
	t5 := t4 | a6
	t6, t7 := t1^t5, a6&t4
	t8 := t7 | a5
	t9, t10, t11 := t6^t8, a2&t5, t7^t3
	t12 := t11 ^ a2
	t13 := t12 & a5
	t14 := t10 ^ t13
	t15 := t14 | a1
	t16, t17 := t9^t15, a5|t1
	t18, t19 := t17^t13, a5&t6
	t20 := t19 | a2
	t21 := t2 ^ t20
	t22 := t21 | a6
	t23, t24 := t18^t22, t8^t21
	t25, t26 := t24&a1, t23|a6
	t27, t28 := t25^t26, a1^t25
	t29 := t28 & t14
	t30 := t29 & a3
	t31, t32 := t27^t30, t23|a1
	t33, t34 := t32&t31, t23^a5
	t35, t36 := t34^a1, a4^t23
	t37 := t36 & a3
	t38, t39 := t35^t37, t33&a5
	t40 := t39 | t6
	t41 := t40 & a2
	t42 := a3 ^ t41
	t43 := t42 | a6
	t44, t45 := t38^t43, t14^t30
	t46, t47 := t45|t34, t39^t36
	t48 := t47 ^ a1
	t49 := t48 | a3
	t50, t51 := t46^t49, t35^t20
	t52, t53 := t51^t32, t24&t49
	t54 := t53 ^ t41
	t55 := t54 | a4
	t56 := t52 ^ t55
	t57 := t56 | a6
	t58 := t50 ^ t57
	return t16, t44, t58, t33
}

// sbox3 is S-box 3: 62 gates.
func sbox3(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a3 ^ a6
	t2 := t1 ^ a5
	t3 := t2 | t1
	t4 := t3 & a2
	t5, t6 := t2^t4, a3&a6
	t7 := t6 & a2
	t8 := a6 ^ t7
	t9 := t8 | a4
	t10, t11, t12 := t5^t9, a6^a4, t5|a2
	t13 := t11 ^ t12
	t14 := t13 | a5
	t15 := t9 ^ t14
	t16 := t15 | a1
	t17, t18, t19 := t10^t16, t13^t4, a5|a6
	t20, t21 := t18^t19, t18^a2
	t22 := t21 & t11
	t23 := t22 | a1
	t24, t25 := t20^t23, ^t2
	t26 := t24 & a1
	t27, t28 := t25^t26, t24&a6
	t29 := t28 | t16
	t30 := t29 & a4
	t31 := t27 ^ t30
	t32 := t31 | a3
	t33 := t24 ^ t32
	t34 := t10 & t33
	t35, t36 := t34^t32, t8|a1
	t37 := t36 ^ t25
	t38 := t37 & a2
	t39, t40 := t35^t38, t5|t23
	t41, t42, t43 := t40^t10, t31&t36, t40&a4
	t44 := t43 | t42
	t45 := t44 & a3
	t46 := t41 ^ t45
	t47 := t46 & a5
	t48, t49 := t39^t47, a1^a5
	t50, t51 := t49^t15, a5&a6
	t52 := t51 & t41
	t53 := t52 & a4
	t54, t55 := t50^t53, t39^t31
	t56, t57 := t55|a3, t30|t33
	t58 := t57 ^ t45
	t59 := t58 & a5
	t60 := t56 ^ t59
	t61 := t60 & a2
	t62 := t54 ^ t61
	return t33, t62, t48, t17
}

// sbox4 is S-box 4: 52 gates.
func sbox4(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a4 | a1
	t2, t3 := t1^a5, a4&a1
	t4 := t3 | a5
	t5 := t4 & a3
	t6, t7, t8 := t2^t5, t3|a3, ^a1
	t9 := t6 & t8
	t10 := t9 & a5
	t11 := t7 ^ t10
	t12 := t11 & a2
	t13, t14, t15 := t6^t12, t8^t5, a3^t1
	t16 := t15 | a4
	t17, t18 := t14^t16, t6^a1
	t19 := t18 & t11
	t20 := t19 | a2
	t21 := t17 ^ t20
	t22 := t21 | a6
	t23 := t13 ^ t22
	t24 := a6 ^ t23
	t25, t26 := t24^t21, t11^t20
	t27 := t16 & t25
	t28 := t27 | a5
	t29, t30 := t26^t28, a5|a2
	t31 := t30 & a4
	t32 := t23 ^ t31
	t33 := t32 & a6
	t34, t35 := t29^t33, t10^a2
	t36 := t34 | a3
	t37, t38 := t35^t36, t22^t1
	t39 := t38 ^ t27
	t40 := t39 | a6
	t41 := t37 ^ t40
	t42 := t41 | a1
	t43 := t34 ^ t42
	t44 := t24 ^ t43
	t45, t46 := t44^t38, t2&t21
	t47 := t46 | a4
	t48, t49 := t45^t47, t46&a3
	t50 := t49 ^ t8
	t51 := t50 & a2
	t52 := t48 ^ t51
	return t25, t23, t52, t43
}

// sbox5 is S-box 5: 63 gates.
func sbox5(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a6 ^ a1
	t2, t3 := t1^a3, a6&a3
	t4 := t3 | a4
	t5, t6 := t2^t4, ^t2
	t7, t8 := a4|t6, t4|a1
	t9 := t8 & t7
	t10 := t9 & a2
	t11, t12 := t5^t10, ^t3
	t13, t14 := a4|t12, t7^a3
	t15 := t14 & a1
	t16 := t13 ^ t15
	t17 := t16 & a5
	t18, t19, t20 := t11^t17, t2^a5, a6&a4
	t21 := t19 ^ t20
	t22 := a4 ^ t21
	t23 := t22 | a5
	t24 := t23 & a2
	t25, t26 := t21^t24, a3|t11
	t27 := t26 & t16
	t28 := t27 | a2
	t29, t30 := t12^t28, t10|t27
	t31 := t30 & a5
	t32 := t29 ^ t31
	t33 := t32 | a1
	t34, t35 := t25^t33, t23&t11
	t36 := t34 & a3
	t37 := t36 | a2
	t38, t39 := t35^t37, t21|t26
	t40 := t39 ^ t28
	t41 := t40 & a6
	t42, t43 := t38^t41, t38|a4
	t44, t45 := t43^t25, a2^t40
	t46 := t45 | a6
	t47 := t44 ^ t46
	t48 := t47 | a1
	t49, t50 := t42^t48, t18^t34
	t51 := t49 | a1
	t52, t53 := t50^t51, ^t49
	t54 := t53 | a2
	t55, t56 := t52^t54, t45|t47
	t57, t58 := t56^t42, t43^t16
	t59 := t58 & t46
	t60 := t59 & a3
	t61 := t57 ^ t60
	t62 := t61 | a5
	t63 := t55 ^ t62
	return t63, t18, t34, t49
}

// sbox6 is S-box 6: 60 gates.
func sbox6(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a4 ^ a1
	t2 := t1 ^ a5
	t3 := ^t2
	t4 := t3 | a5
	t5 := a2 ^ t4
	t6 := t5 | a3
	t7, t8 := t2^t6, a2&t1
	t9 := t8 ^ a4
	t10 := t9 & t7
	t11 := t10 & a1
	t12, t13 := t8^t11, t2|t1
	t14 := t12 & a2
	t15 := t13 ^ t14
	t16 := t15 | a3
	t17 := t12 ^ t16
	t18 := t17 & a6
	t19, t20, t21 := t7^t18, t17^t5, t4&a3
	t22, t23 := t20^t21, t10|t21
	t24 := t23 | a1
	t25, t26, t27 := t22^t24, t19&t4, t4|t20
	t28 := t27 ^ t19
	t29 := t28 | a4
	t30 := t26 ^ t29
	t31 := t30 & a6
	t32, t33 := t25^t31, a6^t3
	t34, t35 := t33^t5, t31^t14
	t36 := t35 | t9
	t37 := t36 | a1
	t38, t39 := t34^t37, t22|a1
	t40, t41 := t39^a5, a1|t4
	t42 := t41 ^ t8
	t43 := t42 | a6
	t44 := t40 ^ t43
	t45 := t44 | a3
	t46, t47, t48 := t38^t45, t44|t23, t6&a6
	t49, t50 := t47^t48, t19^a3
	t51 := t50 | a2
	t52, t53 := t49^t51, t20&t45
	t54, t55 := t53^t39, t13&t52
	t56 := t55 ^ t32
	t57 := t56 & a6
	t58 := t54 ^ t57
	t59 := t58 | a4
	t60 := t52 ^ t59
	return t19, t32, t60, t46
}

// sbox7 is S-box 7: 62 gates.
func sbox7(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1, t2 := a1^a5, a3|a2
	t3, t4 := t1^t2, a5|a3
	t5 := t4 & a4
	t6 := t3 ^ t5
	t7 := a3 ^ t6
	t8 := t7 & a1
	t9 := t8 & a2
	t10, t11 := a6^t9, t8^a2
	t12 := t11 & a5
	t13 := t11 ^ t12
	t14 := t13 & a4
	t15 := t10 ^ t14
	t16 := t15 & a6
	t17, t18 := t6^t16, a2^t4
	t19 := t4 ^ t17
	t20 := t19 | a4
	t21 := t18 ^ t20
	t22 := ^t21
	t23 := t22 | a4
	t24 := t7 ^ t23
	t25 := t24 | a1
	t26, t27, t28, t29 := t21^t25, t6&a4, t6&a5, t25|a3
	t30 := t28 ^ t29
	t31 := t30 & a2
	t32 := t27 ^ t31
	t33 := t32 & a6
	t34, t35 := t26^t33, a3^a1
	t36, t37 := t35^t13, t35&t1
	t38 := t37 | t31
	t39 := t38 & a6
	t40, t41 := t36^t39, a6&a5
	t42, t43 := t41^t18, a3^t21
	t44, t45 := t43&t42, t42&a1
	t46 := t45 | t44
	t47 := t46 | a4
	t48, t49 := t40^t47, t26^t19
	t50, t51 := t49&t22, t26|t45
	t52 := t51 ^ t5
	t53 := t52 & a3
	t54, t55 := t50^t53, t40|t17
	t56, t57 := t55&t34, t52|t18
	t58 := t57 ^ t27
	t59 := t58 | a5
	t60 := t56 ^ t59
	t61 := t60 | a6
	t62 := t54 ^ t61
	return t62, t34, t48, t17
}

// sbox8 is S-box 8: 60 gates.
func sbox8(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64) {
	t1 := a1 ^ a3
	t2 := t1 & a1
	t3 := t2 | a2
	t4 := a4 ^ t3
	t5 := t4 | a5
	t6, t7, t8 := t1^t5, a5^t5, a2|a3
	t9 := t7 ^ t8
	t10 := t9 & a6
	t11, t12 := t6^t10, ^t7
	t13 := t12 | a1
	t14, t15, t16 := a2^t13, t1&t8, t6&a5
	t17 := t15 ^ t16
	t18 := t17 & a6
	t19 := t14 ^ t18
	t20 := t19 | a4
	t21, t22 := t11^t20, t14|a4
	t23, t24 := t22^t6, t4&t9
	t25 := t24 ^ a2
	t26 := t25 | a6
	t27, t28, t29 := t23^t26, t24^t4, t23|t14
	t30 := t29 & a5
	t31 := t28 ^ t30
	t32 := t31 & a6
	t33 := t31 ^ t32
	t34 := t33 & a1
	t35, t36, t37 := t27^t34, t17^t3, a5&a4
	t38, t39 := t36^t37, a4^t20
	t40 := t39 & t35
	t41 := t40 & a6
	t42, t43, t44 := t38^t41, t11^t18, ^t27
	t45 := a2 & t44
	t46 := t45 | a6
	t47 := t43 ^ t46
	t48 := t47 & a1
	t49 := t42 ^ t48
	t50 := t49 ^ t9
	t51, t52 := ^t50, t34|a6
	t53, t54 := t51^t52, t51^t32
	t55 := t54 & a6
	t56, t57 := t47^t55, t19|a5
	t58 := t56 ^ t57
	t59 := t58 & a2
	t60 := t53 ^ t59
	return t35, t60, t49, t21
}
